import { z } from 'zod'

/** What an account's queues in one region are registered with; never a secret. */
export const sqsConfigurationSchema = z.strictObject({
  region: z.string().min(1),
  /** Where SQS answers when it is not AWS itself: an emulator, a VPC endpoint. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !/^https?:\/\/[^/]*@/i.test(url), 'holds a password: put it in the secret')
    .optional(),
  /** A profile of the AWS files of the machine that the product runs on; it may assume a role. */
  profile: z.string().min(1).optional(),
  /** Only queues whose names begin so; every queue costs one request at each look. */
  queueNamePrefix: z.string().min(1).max(80).optional(),
  /** The attribute that says which messages of a standard queue belong together. */
  keyAttribute: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,256}$/)
    .default('x-message-key'),
  /** Dead-letter places that no redrive policy tells: those of SNS subscriptions and Lambda functions. */
  deadLetterDestinations: z
    .array(z.strictObject({ destination: z.string().min(1), originDestination: z.string().min(1).optional() }))
    .default([]),
})

export type SqsConfiguration = z.output<typeof sqsConfigurationSchema>

/** Keys of a user; without them AWS's own chain is asked (environment, profile, role of the machine or container). */
export const sqsSecretSchema = z
  .strictObject({
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    sessionToken: z.string().min(1).optional(),
  })
  .nullish()

export type SqsSecret = z.output<typeof sqsSecretSchema>
