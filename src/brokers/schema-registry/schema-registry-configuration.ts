import { z } from 'zod'

/** What a cluster's registration says about its schema registry; never a secret. */
export const schemaRegistryConfigurationSchema = z.strictObject({
  /** Of a Confluent-compatible interface, with its path: `http://registry:8081`, `http://apicurio:8080/apis/ccompat/v7`. */
  url: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => !/^https?:\/\/[^/]*@/i.test(url),
      'holds a password: put it in the secret as schemaRegistryBasicAuth',
    ),
})

export type SchemaRegistryConfiguration = z.output<typeof schemaRegistryConfigurationSchema>

/** How to sign in to it, as fields of the cluster's secret. */
export const schemaRegistrySecretFields = {
  /** `user:password` */
  schemaRegistryBasicAuth: z
    .string()
    .regex(/^[^:]*:/, 'is not user:password')
    .optional(),
  /** A bearer token that somebody else renews; it counts where both are given. */
  schemaRegistryToken: z.string().min(1).optional(),
}

export interface SchemaRegistrySecret {
  readonly schemaRegistryBasicAuth?: string | undefined
  readonly schemaRegistryToken?: string | undefined
}
