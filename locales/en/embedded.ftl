embedded-hello = Hello! I am Apprentice. Ask me something, or teach me: reply to an answer with “no, it is …”. /help shows what I can do.
embedded-unknown = I don’t know this yet. Teach me: reply to this message with “no, it is …” and the right answer, or write `/teach question => answer`. Or connect a language model: ask me “how do I connect a language model?”.
embedded-from-lesson = I was taught this.
embedded-from-text = From “{ $title }”, { $place }.
embedded-from-guide = From my guide, “{ $place }”.
