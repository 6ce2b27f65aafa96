apology = I could not handle that request, please try again later.
count-messages = { $count ->
    [one] { $count } message
   *[other] { $count } messages
}
