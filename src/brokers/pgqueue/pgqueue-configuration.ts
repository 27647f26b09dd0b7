import { z } from 'zod'

/** What a registration of kind `pgqueue` holds beside its secret. */
export const pgqueueConfigurationSchema = z.object({
  /** The schema that pg-boss was installed in. */
  schema: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'is a schema name: letters, digits, underscores')
    .default('pgboss'),
})

export const pgqueueSecretSchema = z.object({
  /** `postgres://user:password@host:port/database`; all of it is secret. */
  url: z.string().regex(/^postgres(?:ql)?:\/\//, 'is a postgres:// URL'),
})

export type PgqueueConfiguration = z.output<typeof pgqueueConfigurationSchema>
export type PgqueueSecret = z.output<typeof pgqueueSecretSchema>
