#!/bin/sh
# curl and a loop over lines: sh curl_lines.sh URL MESSAGE
curl -sN "$1/chat/completions" -H 'Content-Type: application/json' \
  -d "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"$2\"}],\"stream\":true}" |
  while IFS= read -r line; do
    case $line in
      'data: [DONE]') break ;;
      'data: '*) printf '%b' "$(printf '%s' "$line" | sed -n 's/.*"content":"\(\([^"\\]\|\\.\)*\)".*/\1/p' | sed 's/\\"/"/g')" ;;
    esac
  done
