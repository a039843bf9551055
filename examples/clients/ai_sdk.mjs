// Vercel's ai: node ai_sdk.mjs URL MESSAGE
import { createOpenAI } from '@ai-sdk/openai'
import { streamText } from 'ai'

const openai = createOpenAI({ baseURL: process.argv[2], apiKey: 'none' })
const { textStream } = streamText({ model: openai.chat('gpt-4o-mini'), prompt: process.argv[3] })
for await (const text of textStream) {
  process.stdout.write(text)
}
