// @microsoft/fetch-event-source: node fetch_event_source.mjs URL MESSAGE
import { fetchEventSource } from '@microsoft/fetch-event-source'

// It is made for browsers; in Node it needs these two names.
globalThis.window = globalThis
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} }

await fetchEventSource(`${process.argv[2]}/chat/completions`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: process.argv[3] }], stream: true }),
  onmessage(event) {
    if (event.data !== '[DONE]') process.stdout.write(JSON.parse(event.data).choices[0].delta.content || '')
  },
})
