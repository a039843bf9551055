"""Mistakes that real clients of scraped chat sites make: one member for each, with a description as its value."""

from __future__ import annotations

from enum import Enum


class Habit(Enum):
    """A bad habit; without any, the naive client makes no mistake."""

    # The page
    SCRAPES_WITH_A_REGEX = "finds nonce and post id with one regular expression made for one page"
    WANTS_ATTRIBUTES_ON_ONE_LINE = "finds nonce and post id with an expression that knows no line ends"
    KNOWS_DATA_NONCE_ONLY = "knows the nonce as an attribute of its own, and nothing else"
    TAKES_THE_FIRST_NONCE = "takes the first thing on the page that is called a nonce"
    TAKES_ANY_NONCE = "sends any text that it finds in the nonce's place"
    NEEDS_A_POST_ID = "wants a post id that is a number above 0"
    KNOWS_SHORTCODES_ONLY = "looks for the shortcode's element, or for the inline container, and for nothing else"
    TAKES_THE_FIRST_BOT = "asks the first bot, whichever was wanted"
    TAKES_THE_LAST_CHAT = "asks the last chat on the page"
    REFUSES_TWO_OF_A_KIND = "expects each bot once"
    DECODES_STRICTLY = "takes every page for UTF-8"
    GUESSES_THE_AJAX_ADDRESS = "builds the ajax address itself"
    FOLLOWS_NO_REDIRECT = "takes a redirect for a page"
    RELOADS_BEFORE_ASKING = "fetches the page again before every question, to be safe"

    # Nonces and requests
    NEVER_REFRESHES = "never fetches a fresh nonce"
    REFRESHES_FOR_EVER = "fetches fresh nonces until one works"
    REFRESHES_ON_ANY_403 = "takes every 403 for a refused nonce"
    RETRIES_ANYTHING = "asks again, whatever went wrong"
    GIVES_UP_AT_ONCE = "does not ask again on a connection that died unused"
    FORGETS_COOKIES = "sends no cookie back"
    SENDS_THE_QUERY = "puts the fields into the address"
    SENDS_NO_IDS = "sends neither session nor conversation id"

    # HTTP
    IGNORES_THE_STATUS = "reads a reply whatever its status"
    IGNORES_HOW_IT_ENDED = "takes a broken connection for the end of the answer"
    WANTS_A_CLEAN_END = "throws a whole answer away if the connection does not end well after it"
    IGNORES_CODING = "reads compressed bytes as if they were none"
    IGNORES_CODING_OF_STREAMS = "inflates pages, and reads a compressed stream as if it were none"
    HAS_NO_TIMEOUT = "waits for ever"
    LIMITS_THE_WHOLE_CALL = "stops after a fixed time, however well the answer is coming"
    READS_ONCE = "reads one buffer of a stream and takes the events in it for the answer"

    # What the reply is
    EXPECTS_JSON = "calls json() on every reply"
    EXPECTS_A_STREAM = "takes every reply for an event stream"
    BELIEVES_THE_CONTENT_TYPE = "takes what is not announced as a stream or as JSON for plain text"
    TAKES_ANY_TEXT = "delivers a body that it can't read as the answer"
    PARSES_THE_WHOLE_BODY = "wants a body that is JSON and nothing else"
    INDEXES_DATA = "takes `data` without looking whether it is there"
    TAKES_MSG_FOR_DATA = "delivers `msg`, or `message`, where `data` is missing"
    TAKES_NULL_FOR_EMPTY = "takes an answer without text for an answer"
    STRINGIFIES_DATA = "delivers str() of `data`, of any type"

    # Event streams
    DECODES_EACH_CHUNK = "decodes each chunk on its own"
    SPLITS_EACH_CHUNK = "looks for lines in each chunk on its own"
    TAKES_ONE_EVENT_A_CHUNK = "takes a chunk for one event"
    SPLITS_AT_BLANK_LINES = "parts events at two LF"
    SPLITS_LIKE_PYTHON = "parts lines with splitlines()"
    CUTS_SIX_CHARACTERS = "cuts `data: ` off by its length"
    TAKES_LINES_FOR_EVENTS = "takes each data line for an event"
    EXPECTS_ONLY_DATA = "takes every line that is not empty for data"
    KEEPS_THE_BYTE_ORDER_MARK = "does not know the byte order mark"
    DROPS_THE_LAST_LINE = "drops the last line, because it may not be whole"
    READS_SHORT_LINES_ONLY = "reads lines with a limit of 64 KiB"
    HAS_NO_LIMIT = "buffers a line however long it gets"
    STOPS_ONLY_AT_DONE = "waits for [DONE], whatever else has ended the answer"
    COMPARES_DONE = "compares the end mark to the letter"
    READS_ON_AFTER_DONE = "reads on behind the end mark"
    IGNORES_THE_END = "does not look whether the answer has ended"
    ENDS_BEFORE_THE_TEXT = "looks at the finish reason before it looks at the text"

    # Events
    DELIVERS_OTHER_LINES = "delivers lines that are no event as text"
    KNOWS_STOP_ONLY = "takes an answer for whole only if the model ended it with `stop`"
    CHOKES_ON_BROKEN_JSON = "lets JSON errors out"
    SKIPS_BROKEN_JSON = "skips events that are no JSON"
    INDEXES_CHOICES = "takes choices[0].delta.content without looking whether it is there"
    INDEXES_DELTA = "takes AIPKit's `delta` of every event"
    IGNORES_ERRORS = "looks for text only, so that error events are nothing"
    IGNORES_FLAGS = "does not know what a flagged message looks like"
    KNOWS_ONE_KEY_OF_ERRORS = "takes an event for an error only if `error` is all that it holds"
    TAKES_EMPTY_FOR_THE_END = "takes an empty delta for the end of the answer"
    DELIVERS_ERRORS = "delivers the words of an error event"
    TAKES_WORDS_OF_ERRORS = "does not recognize an error that is streamed word by word"
    DELIVERS_WARNINGS = "delivers warnings as text"
    TAKES_THE_COPY = "takes the JSON behind the stream as well"

    # Text
    STRIPS_TAGS = "strips what looks like HTML"
    STRIPS_BLANKS = "strips blanks"
    STRIPS_MARKS = "strips NULs and the model's marks"
    STRIPS_LABELS = "strips role labels"
    STRIPS_ADVERTISEMENTS = "strips what looks like an advertisement"
    DROPS_REPEATS = "drops a delta that it has just seen"
    SEES_ERRORS_IN_TEXT = "takes an answer that talks of errors for one"
    DECODES_ESCAPES_BY_HAND = "decodes \\u escapes one by one"
    ENCODES_EACH_PIECE = "prints each delta on its own, halves of characters too"


Habits = frozenset[Habit]
