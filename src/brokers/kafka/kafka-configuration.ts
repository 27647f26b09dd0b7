import { z } from 'zod'
import {
  schemaRegistryConfigurationSchema,
  schemaRegistrySecretFields,
} from '#brokers/schema-registry/schema-registry-configuration.ts'

const hostAndPort = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:,]+):\d{1,5}$/, 'is not host:port')

const connectUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'holds a password: put it in the secret as connectBasicAuth')

const placeByHand = z.strictObject({
  destination: z.string().min(1),
  originDestination: z.string().min(1).optional(),
  consumerGroup: z.string().min(1).optional(),
})

/** What a Kafka cluster is registered with; never a secret. */
export const kafkaConfigurationSchema = z.strictObject({
  /** Any of the cluster's brokers, as host:port. */
  brokers: z.array(hostAndPort).min(1),
  clientId: z.string().min(1).max(200).default('throughline'),
  tls: z
    .strictObject({
      /** PEM; absent = the certificate authorities that the system trusts. */
      certificateAuthority: z.string().optional(),
      /** The name on the brokers' certificates where it is not the host's. */
      serverName: z.string().optional(),
      /** Accepts any certificate: only for trying out. */
      acceptAnyCertificate: z.boolean().default(false),
    })
    .optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']),
      /** SASL extensions of OAUTHBEARER (Confluent Cloud wants logicalCluster and identityPoolId). */
      oauthExtensions: z.record(z.string(), z.string()).optional(),
      /** Where a token is fetched with the client credentials of the secret; absent = the secret holds the token. */
      oauthTokenUrl: z.url({ protocol: /^https?$/ }).optional(),
      oauthScope: z.string().optional(),
    })
    .optional(),
  /** Dead-letter places that no rule finds. */
  deadLetterDestinations: z.array(placeByHand).default([]),
  /** Where the retries of a group go, where no name tells: only that group may read there. */
  retryDestinations: z
    .array(
      z.strictObject({
        originDestination: z.string().min(1),
        consumerGroup: z.string().min(1),
        destination: z.string().min(1),
      }),
    )
    .default([]),
  /** REST addresses of Kafka Connect workers, whose connectors name their dead-letter topics. */
  connectUrls: z.array(connectUrl).max(20).default([]),
  /** What keys and payloads are decoded and checked with. */
  schemaRegistry: schemaRegistryConfigurationSchema.optional(),
})

export type KafkaConfiguration = z.output<typeof kafkaConfigurationSchema>

/** Credentials of a Kafka cluster; sealed at rest. */
export const kafkaSecretSchema = z
  .strictObject({
    username: z.string().optional(),
    password: z.string().optional(),
    /** A bearer token that somebody else renews. */
    token: z.string().optional(),
    oauthClientId: z.string().optional(),
    oauthClientSecret: z.string().optional(),
    /** PEM, for brokers that ask for a certificate. */
    clientCertificate: z.string().optional(),
    clientKey: z.string().optional(),
    clientKeyPassphrase: z.string().optional(),
    /** For Connect's REST interface, as `user:password`. */
    connectBasicAuth: z
      .string()
      .regex(/^[^:]*:/, 'is not user:password')
      .optional(),
    ...schemaRegistrySecretFields,
  })
  .nullable()
  .transform((secret) => secret ?? {})

export type KafkaSecret = z.output<typeof kafkaSecretSchema>
