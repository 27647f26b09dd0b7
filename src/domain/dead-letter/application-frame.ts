import type { StackFrame, TracedException } from '#domain/dead-letter/stack-trace.ts'

const LIBRARY_PLACES: Readonly<Record<StackFrame['language'], RegExp>> = {
  java: /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|akka|reactor|rx|okhttp3|feign|org\.(?:springframework|apache|hibernate|jboss|eclipse|junit|aspectj|postgresql|slf4j|codehaus|reactivestreams|glassfish)|io\.(?:netty|grpc|micrometer|opentelemetry|smallrye|quarkus|vertx|confluent|micronaut|reactivex)|com\.(?:fasterxml|google|rabbitmq|zaxxer|mysql|amazonaws|azure|mongodb|netflix)|software\.amazon|net\.bytebuddy)\./,
  node: /^(?:node:internal|Module\.|Object\.Module)/,
  python: /^<frozen/,
  go: /^(?:runtime|panic|reflect|sync|testing|net\/http|context|encoding\/\w+|database\/sql|main\.main\.func\d+\.gowrap)(?:\.|$|\()/,
  dotnet:
    /^(?:System|Microsoft|MassTransit|NServiceBus|Confluent|RabbitMQ|Newtonsoft|Npgsql|Polly|Azure|Google|Grpc|Amazon|MediatR|Castle|GreenPipes|Rebus|Wolverine|Serilog)\./,
}

const LIBRARY_FILES: Readonly<Record<StackFrame['language'], RegExp | null>> = {
  java: null,
  node: /node_modules[\\/]|^node:|^internal\/|^native$|^<anonymous>$|^webpack\/runtime/,
  python: /site-packages|dist-packages|[\\/]lib[\\/]python\d|^<(?:frozen|string)/,
  go: /\/pkg\/mod\/|\/usr\/local\/go\/|\/go\/src\/(?:runtime|net|sync|reflect)\/|\/vendor\//,
  dotnet: null,
}

function isLibrary(frame: StackFrame): boolean {
  return (
    LIBRARY_PLACES[frame.language].test(frame.place) ||
    (frame.file !== null && (LIBRARY_FILES[frame.language]?.test(frame.file) ?? false))
  )
}

/** The innermost frame of the application's own code; null when all of them are of libraries. */
export function firstApplicationFrame(exception: TracedException): StackFrame | null {
  return exception.frames.find((frame) => !isLibrary(frame)) ?? null
}

/**
 * A frame as `settle (src/settle.ts)`: without line, with the last two parts of the path and without generated numbers,
 * so that another build or another machine names the same place.
 */
export function printFrame(frame: StackFrame): string {
  const place = frame.place
    .replace(/\$\$(?:Spring|Enhancer|Fast|Lambda)[\w$]*/g, '')
    .replace(/lambda\$(\w+)\$\d+/g, 'lambda$$$1')
    .replace(/\.func\d+(?:\.\d+)*/g, '.func')
    .replace(/<(\w+)>[bd]__[\d_]+/g, '$1')
    .replace(/^(?:Object|Function|Module)\.(?=\w)/, '')
  const shortPlace = frame.language === 'go' ? (place.split('/').at(-1) ?? place) : place
  const file = frame.file?.split(/[\\/]/).slice(-2).join('/') ?? null
  return file === null || frame.language === 'java' ? shortPlace : `${shortPlace} (${file})`
}
