import { z } from 'zod'
import { Failure } from '#domain/failure.ts'

const flag = (fallback: boolean) =>
  z
    .enum(['true', 'false'])
    .default(fallback ? 'true' : 'false')
    .transform((text) => text === 'true')

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)

const shared = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
}

/** At least 32 bytes of somebody's randomness; the launcher makes and keeps one. */
const secret = z
  .string()
  .min(32)
  .refine((text) => new Set(text).size > 8, 'looks like a placeholder')

const webSchema = z.object({
  ...shared,
  THROUGHLINE_SECRET: secret,
  /** The origin that browsers use; every mutation must come from it. */
  THROUGHLINE_URL: z.url().default('http://127.0.0.1:3000'),
  /** Names of fields and headers whose values nobody sees, beside the built-in ones: `email, customer_name`. */
  THROUGHLINE_MASKED_FIELDS: z.string().max(10_000).optional(),
})

const collectorSchema = z.object({
  ...shared,
  /** Opens sealed broker credentials; the web process never gets it. */
  THROUGHLINE_SEAL_KEY: secret,
  /** The web process' secret: checks what it signed. Without it an operation that needs an approval is refused. */
  THROUGHLINE_SECRET: secret.optional(),
  /** Consumers that can be asked to pause show one of these, separated by commas; without one the channel is closed. */
  THROUGHLINE_CONSUMER_TOKENS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((token) => token.trim())
        .filter((token) => token !== ''),
    )
    .pipe(z.array(secret)),
  THROUGHLINE_HOST: z.string().default('127.0.0.1'),
  THROUGHLINE_OTLP_HTTP_PORT: port(4318),
  THROUGHLINE_OTLP_GRPC_PORT: port(4317),
  THROUGHLINE_CONTROL_PORT: port(4320),
  THROUGHLINE_DUTY_INGEST: flag(true),
  THROUGHLINE_DUTY_POLL: flag(true),
  THROUGHLINE_DUTY_OPERATE: flag(true),
  THROUGHLINE_DUTY_RETAIN: flag(true),
  THROUGHLINE_DUTY_STUCK: flag(true),
  /** How consumers are judged: our rules, or Burrow's to the letter, for those who compare. */
  THROUGHLINE_LAG_RULES: z.enum(['mended', 'burrow']).default('mended'),
  /** Reads records at known places for the ids of flows that no span names. */
  THROUGHLINE_DUTY_LEARN: flag(true),
  /** Clusters to make sure of at start: JSON array of {id, kind, name, environment, configuration, secret?}. */
  THROUGHLINE_CLUSTERS: z.string().default('[]'),
  THROUGHLINE_SPAN_RETENTION_DAYS: z.coerce.number().int().min(1).max(400).default(7),
  /** Of the sums behind charts and topology, which are small. */
  THROUGHLINE_ROLLUP_RETENTION_DAYS: z.coerce.number().int().min(1).max(1_200).default(90),
  /** For how long these sums stay by ten seconds, at least as long as spans are kept; then they are by five minutes. */
  THROUGHLINE_ROLLUP_FINE_DAYS: z.coerce.number().int().min(1).max(1_200).default(90),
  /** After which they are by the hour. */
  THROUGHLINE_ROLLUP_COARSE_DAYS: z.coerce.number().int().min(1).max(1_200).default(30),
  /** The share of flows to keep; those with an error, a dead letter, an operation or a long duration are always kept. */
  THROUGHLINE_SAMPLE_RATE: z.coerce.number().gt(0).max(1).default(1),
  THROUGHLINE_SAMPLE_SLOW_MS: z.coerce.number().min(1).default(10_000),
  /** How long an undecided flow waits for something that speaks for it. */
  THROUGHLINE_SAMPLE_WAIT_SECONDS: z.coerce.number().min(1).max(600).default(30),
  /** Makes the process exit at a named step of the write protocol; refused in production. */
  FAILPOINT: z.string().optional(),
  NODE_ENV: z.string().default('production'),
})

export type WebConfig = z.output<typeof webSchema>
export type CollectorConfig = z.output<typeof collectorSchema>

type Environment = Readonly<Record<string, string | undefined>>

/** @throws Failure `invalid` that names each wrong variable, never its value. */
export const readWebConfig = (environment: Environment): WebConfig => parse(webSchema, environment)

/** @throws Failure `invalid` that names each wrong variable, never its value. */
export const readCollectorConfig = (environment: Environment): CollectorConfig => parse(collectorSchema, environment)

function parse<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.output<Schema> {
  const parsed = schema.safeParse(environment)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Failure('invalid', `configuration: ${problems.join('; ')}`)
}
