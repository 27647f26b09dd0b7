import { isIP } from 'node:net'
import type { SASLOptions } from '@platformatic/kafka'
import type { KafkaConfiguration, KafkaSecret } from '#brokers/kafka/kafka-configuration.ts'
import { createTokenSource } from '#brokers/kafka/oauth-token.ts'
import { Failure } from '#domain/failure.ts'

interface SignIn {
  tls?: Record<string, unknown>
  tlsServerName?: string | boolean
  sasl?: SASLOptions
}

/** TLS and SASL options of the client. @throws Failure `invalid` that names what the secret lacks */
export function connectionOptions(configuration: KafkaConfiguration, secret: KafkaSecret): SignIn {
  const options: SignIn = {}
  const { tls, sasl } = configuration
  if (tls !== undefined) {
    options.tls = {
      ...(tls.certificateAuthority === undefined ? {} : { ca: tls.certificateAuthority }),
      ...(secret.clientCertificate === undefined ? {} : { cert: secret.clientCertificate }),
      ...(secret.clientKey === undefined ? {} : { key: secret.clientKey }),
      ...(secret.clientKeyPassphrase === undefined ? {} : { passphrase: secret.clientKeyPassphrase }),
      rejectUnauthorized: !tls.acceptAnyCertificate,
    }
    // Server name indication takes names only; the certificate is checked against the host in any case.
    options.tlsServerName = tls.serverName ?? configuration.brokers.every((broker) => isIP(hostOf(broker)) === 0)
  }
  if (sasl !== undefined) options.sasl = saslOptions(sasl, secret)
  return options
}

const hostOf = (broker: string): string => broker.slice(0, broker.lastIndexOf(':')).replace(/^\[|\]$/g, '')

function saslOptions(sasl: NonNullable<KafkaConfiguration['sasl']>, secret: KafkaSecret): SASLOptions {
  if (sasl.mechanism === 'OAUTHBEARER') {
    return {
      mechanism: 'OAUTHBEARER',
      token: tokenOf(sasl, secret),
      ...(sasl.oauthExtensions === undefined ? {} : { oauthBearerExtensions: sasl.oauthExtensions }),
    }
  }
  const { username, password } = secret
  if (username === undefined || password === undefined) {
    throw new Failure('invalid', `SASL ${sasl.mechanism} needs a username and a password in the secret`)
  }
  return { mechanism: sasl.mechanism, username, password }
}

function tokenOf(sasl: NonNullable<KafkaConfiguration['sasl']>, secret: KafkaSecret): string | (() => Promise<string>) {
  if (sasl.oauthTokenUrl === undefined) {
    if (secret.token === undefined) {
      throw new Failure(
        'invalid',
        'SASL OAUTHBEARER needs a token in the secret, or oauthTokenUrl in the configuration',
      )
    }
    return secret.token
  }
  const { oauthClientId, oauthClientSecret } = secret
  if (oauthClientId === undefined || oauthClientSecret === undefined) {
    throw new Failure('invalid', 'oauthTokenUrl needs oauthClientId and oauthClientSecret in the secret')
  }
  return createTokenSource({
    url: sasl.oauthTokenUrl,
    scope: sasl.oauthScope,
    clientId: oauthClientId,
    clientSecret: oauthClientSecret,
  })
}
