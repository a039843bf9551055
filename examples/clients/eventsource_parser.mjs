// fetch with eventsource-parser: node eventsource_parser.mjs URL MESSAGE
import { EventSourceParserStream } from 'eventsource-parser/stream'

const response = await fetch(`${process.argv[2]}/chat/completions`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: process.argv[3] }], stream: true }),
})
const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
for await (const event of events) {
  if (event.data === '[DONE]') break
  process.stdout.write(JSON.parse(event.data).choices[0].delta.content || '')
}
