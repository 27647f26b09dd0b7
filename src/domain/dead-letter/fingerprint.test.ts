import { expect, test } from 'vitest'
import type { DeathCertificate } from '#domain/dead-letter/dead-letter.ts'
import { fingerprintOf } from '#domain/dead-letter/fingerprint.ts'
import { normaliseMessage } from '#domain/dead-letter/normalise-message.ts'

const certificate = (part: Partial<DeathCertificate>): DeathCertificate => ({
  dialect: 'none',
  originDestination: null,
  originPartition: null,
  originOffset: null,
  originTimestampMs: null,
  consumerGroup: null,
  attempts: null,
  exceptionClass: null,
  exceptionMessage: null,
  stack: null,
  ...part,
})

const NODE = `CurrencyMismatch: expected EUR, got EURO at amount.currency
    at assertCurrency (/app/node_modules/money/index.js:4:9)
    at settle (file:///srv/shop/src/settle.ts:88:11)
    at async Runner.eachMessage (/srv/shop/node_modules/kafkajs/src/consumer/runner.js:200:13)`

const JAVA = `org.springframework.kafka.listener.ListenerExecutionFailedException: Listener failed
\tat org.springframework.kafka.listener.KafkaMessageListenerContainer.run(KafkaMessageListenerContainer.java:1)
Caused by: com.shop.CurrencyMismatch: got EURO
\tat java.base/java.util.Objects.requireNonNull(Objects.java:259)
\tat com.shop.Settlement.lambda$settle$3(Settlement.java:88)
\tat app//com.shop.Settlement.settle(Settlement.java:80)
\t... 12 more`

const PYTHON = `Traceback (most recent call last):
  File "/srv/shop/payments/currency.py", line 3, in parse
    raise KeyError(code)
KeyError: 'EURO'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/celery/app/trace.py", line 477, in trace_task
    R = retval = fun(*args, **kwargs)
  File "/srv/shop/payments/settle.py", line 88, in settle
    raise CurrencyMismatch(code)
payments.errors.CurrencyMismatch: got EURO`

const GO = `panic: currency mismatch: EURO

goroutine 18 [running]:
runtime.gopanic({0x1, 0x2})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
github.com/shop/payments/settle.(*Settler).Settle(0xc000, {0x1})
\t/srv/payments/settle/settle.go:88 +0x1d
main.main.func1()
\t/srv/payments/main.go:12 +0x25`

const DOTNET = `MassTransit.ConsumerException: The consumer failed
 ---> Shop.Payments.CurrencyMismatchException: got EURO
   at System.ThrowHelper.Throw() in /_/src/ThrowHelper.cs:line 3
   at Shop.Payments.Settler.Settle(Order order) in /srv/shop/Payments/Settler.cs:line 88
   at Shop.Payments.Consumer.Consume(ConsumeContext\`1 context)
   --- End of inner exception stack trace ---
   at MassTransit.Pipeline.Send(Object context)`

test.each([
  ['Node', 'CurrencyMismatch', NODE, 'CurrencyMismatch at settle (src/settle.ts)'],
  ['Java', 'com.shop.CurrencyMismatch', JAVA, 'CurrencyMismatch at com.shop.Settlement.lambda$settle'],
  ['Python', 'payments.errors.CurrencyMismatch', PYTHON, 'CurrencyMismatch at settle (payments/settle.py)'],
  [
    '.NET',
    'Shop.Payments.CurrencyMismatchException',
    DOTNET,
    'CurrencyMismatchException at Shop.Payments.Settler.Settle (Payments/Settler.cs)',
  ],
])(
  'a %s stack gives the first frame of the application, past libraries and wrappers',
  (_language, exceptionClass, stack, title) => {
    expect(fingerprintOf(certificate({ exceptionClass, exceptionMessage: 'got EURO', stack })).title).toBe(title)
  },
)

test('a Go panic is named by its place and message, because it has no class', () => {
  const print = fingerprintOf(
    certificate({ exceptionClass: 'panic', exceptionMessage: 'currency mismatch: EURO', stack: GO }),
  )
  expect(print.frame).toBe('settle.(*Settler).Settle (settle/settle.go)')
  expect(print.title).toContain('currency mismatch: EURO')
})

test('another line, machine and build of the same failure keep the fingerprint; another function does not', () => {
  const hashOf = (stack: string) =>
    fingerprintOf(certificate({ exceptionClass: 'CurrencyMismatch', exceptionMessage: 'x', stack })).hash
  const moved = NODE.replace('/srv/shop/src/settle.ts:88:11', '/home/ci/build-7/src/settle.ts:91:3')
  expect(hashOf(moved)).toBe(hashOf(NODE))
  expect(hashOf(NODE.replace('at settle', 'at refund'))).not.toBe(hashOf(NODE))
  expect(hashOf(NODE)).toMatch(/^[0-9a-f]{16}$/)
})

test('messages that differ only in what varies are one cause; with a telling class and place they do not count at all', () => {
  const without = (exceptionMessage: string) =>
    fingerprintOf(certificate({ exceptionClass: 'Error', exceptionMessage })).hash
  expect(without('order 4711 of cust-20931 not found at 10.0.0.1')).toBe(
    without('order 12 of cust-7 not found at 10.9.8.7'),
  )
  expect(without('order 4711 not found')).not.toBe(without('order 4711 refused'))
  const telling = (exceptionMessage: string) =>
    fingerprintOf(certificate({ exceptionClass: 'CurrencyMismatch', exceptionMessage, stack: NODE })).hash
  expect(telling('got EURO')).toBe(telling('got DOLLAR'))
})

test('a death without any reason still has a fingerprint and a title', () => {
  expect(fingerprintOf(certificate({})).title).toBe('No reason given')
})

test.each([
  ['user 8f14e45f-ceea-467f-a8f5-5d2c1f2a3b4c at 2026-11-21T05:10:02.143Z', 'user <uuid> at <time>'],
  ['mail to a.b@c.example failed after 3 tries', 'mail to <email> failed after <n> tries'],
  ['expected EUR,\n got   EURO', 'expected EUR, got EURO'],
  ['block deadbeef0123 at 0x7f', 'block <hex> at <hex>'],
  ['GET https://x.example/y?z=1 gave 500', 'GET <url> gave <n>'],
])('%j is normalised', (message, wanted) => {
  expect(normaliseMessage(message)).toBe(wanted)
})
