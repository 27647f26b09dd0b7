import { currentInstance } from './instance.ts'

async function post(path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(new URL(path, currentInstance().demoUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`the shop answers ${answer.status} to ${path}: ${await answer.text()}`)
}

export const switchBug = (on: boolean): Promise<void> => post('/switch/bug', { on })
export const switchSlow = (on: boolean): Promise<void> => post('/switch/slow', { on })
/** Makes `orders` at once, of which the share `faulty` meets the bug. */
export const burst = (orders: number, faulty: number): Promise<void> => post('/burst', { orders, faulty })
