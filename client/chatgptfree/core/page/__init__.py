"""Parse the HTML of a page to its chats, or recognise it as a block page."""
