import { z } from 'zod'

const amqpAddress = z
  .url({ protocol: /^amqps?$/ })
  .refine((url) => !/^amqps?:\/\/[^/]*@/i.test(url), 'holds a password: put it in the secret')

const httpAddress = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'holds a password: put it in the secret')

/** What a virtual host of RabbitMQ is registered with; never a secret. */
export const rabbitmqConfigurationSchema = z.strictObject({
  /** The nodes, as amqp://host:port or amqps://host:port; the first that answers is used. */
  addresses: z.array(amqpAddress).min(1),
  /** The virtual host; queues of another one are a cluster of their own here. */
  vhost: z.string().min(1).default('/'),
  /** Of the management plugin, as http://host:15672. */
  managementUrl: httpAddress,
  tls: z
    .strictObject({
      /** PEM; absent = the certificate authorities that the system trusts. */
      certificateAuthority: z.string().optional(),
      /** The name on the nodes' certificates where it is not the host's. */
      serverName: z.string().optional(),
      /** Accepts any certificate: only for trying out. */
      acceptAnyCertificate: z.boolean().default(false),
    })
    .optional(),
  /** The header that says which messages have to stay in their order; copies that share a value are sent one by one. */
  keyHeader: z.string().min(1).max(255).default('x-message-key'),
  /** Dead-letter places that no configuration of the broker tells. */
  deadLetterDestinations: z
    .array(
      z.strictObject({
        destination: z.string().min(1),
        originDestination: z.string().min(1).optional(),
      }),
    )
    .default([]),
})

export type RabbitmqConfiguration = z.output<typeof rabbitmqConfigurationSchema>

/** Credentials; sealed at rest. */
export const rabbitmqSecretSchema = z.strictObject({
  username: z.string(),
  password: z.string(),
  /** PEM, for nodes that ask for a certificate. */
  clientCertificate: z.string().optional(),
  clientKey: z.string().optional(),
  clientKeyPassphrase: z.string().optional(),
})

export type RabbitmqSecret = z.output<typeof rabbitmqSecretSchema>
