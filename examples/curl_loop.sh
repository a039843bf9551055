#!/bin/sh
# The shell one-liner grown up: curl, sed, and a loop over lines.
#
#     sh curl_loop.sh URL MESSAGE
#
# Not a model to follow: docs/explanation/score-cards.md has what it loses.
url=${1%/}
page=$(curl -sL "$url/")
nonce=$(printf '%s' "$page" | sed -n 's/.*data-nonce="\([^"]*\)".*/\1/p' | head -n 1)
post_id=$(printf '%s' "$page" | sed -n 's/.*data-post-id="\([^"]*\)".*/\1/p' | head -n 1)
bot_id=$(printf '%s' "$page" | sed -n 's/.*data-bot-id="\([^"]*\)".*/\1/p' | head -n 1)
curl -sN "$url/wp-admin/admin-ajax.php" \
  --data-urlencode "_wpnonce=$nonce" \
  --data-urlencode "post_id=$post_id" \
  --data-urlencode "url=$url" \
  --data-urlencode "action=wpaicg_chat_shortcode_message" \
  --data-urlencode "message=$2" \
  --data-urlencode "bot_id=$bot_id" |
  while IFS= read -r line; do
    case $line in
      'data: [DONE]') break ;;
      'data: '*) printf '%s' "$line" | sed -n 's/.*"content":"\([^"]*\)".*/\1/p' | tr -d '\n' ;;
    esac
  done
