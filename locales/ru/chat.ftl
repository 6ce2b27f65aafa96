apology = Не получилось обработать запрос, попробуйте позже
count-messages = { $count ->
    [one] { $count } сообщение
    [few] { $count } сообщения
   *[many] { $count } сообщений
}
