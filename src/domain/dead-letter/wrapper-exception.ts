import type { TracedException } from '#domain/dead-letter/stack-trace.ts'

/** Exceptions that only say "your code threw": the cause below them is the business one. */
const WRAPPERS = new RegExp(
  [
    /^org\.springframework\.(?:kafka|messaging|amqp|integration|cloud\.stream)\./,
    /^org\.apache\.kafka\.(?:connect\.errors|common\.errors\.SerializationException|streams\.errors)/,
    /^java\.util\.concurrent\.(?:Execution|Completion)Exception$/,
    /^java\.lang\.reflect\.(?:InvocationTarget|UndeclaredThrowable)Exception$/,
    /^(?:System\.)?(?:Aggregate|Reflection\.TargetInvocation)Exception$/,
    /^System\.AggregateException$/,
    /^System\.Reflection\.TargetInvocationException$/,
    /^MassTransit\./,
    /^NServiceBus\./,
    /^KafkaJSNonRetriableError$|^KafkaJSNumberOfRetriesExceeded$/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

export function isWrapperClass(exceptionClass: string): boolean {
  return WRAPPERS.test(exceptionClass)
}

/** The outermost exception of a chain that is no wrapper, else the deepest one; null for an empty chain. */
export function businessException(chain: readonly TracedException[]): TracedException | null {
  return chain.find(({ exceptionClass }) => !isWrapperClass(exceptionClass)) ?? chain.at(-1) ?? null
}
