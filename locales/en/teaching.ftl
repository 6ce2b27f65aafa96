# What waits, as whoever decides about it reads it.
waits-injection = It reads like an order to me and not like an answer.
waits-secret = It holds a secret, such as a key, a password or a card number. Edit it, or reject it.
waits-conflict = Somebody else taught another answer to the same question.
waits-burst = They taught a lot within one hour.
waits-public-group = Other members of the group have not confirmed it yet.
waits-wider-scope = They ask that it counts for everyone.
waits-choice = A user preferred it to another answer.
waits-proposal = A model proposed it from a document.
reach-everyone = It would count for everyone.
reach-person = It would count for them alone.
reach-conversation = It would count in their group.
review-rival = Known so far: { $answer } (by { $who }, `{ $id }`). If you approve, that is unlearnt.
suggest-waits = That waits already: somebody who may approve it will look at it.
suggest-declined = That was looked at before and not taken for everyone. With you it goes on counting as it did.
button-teach-miss = ✏️ Teach me: { $question }
