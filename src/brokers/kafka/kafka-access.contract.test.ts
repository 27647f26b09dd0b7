import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findFreePort } from '../../../launcher/free-port.ts'
import { startKafka, type KafkaServer } from '../../../launcher/servers/kafka.ts'
import type { Broker } from '#brokers/broker.ts'
import { collect, failureOf, plainMessage, plainMessages, sendAll, signalOf } from '#brokers/contract-harness.ts'
import { type LossyProxy, startLossyProxy } from '#brokers/lossy-proxy.ts'
import { openBroker } from '#brokers/registry.ts'

const missing = inject('kafkaMissing')
const BOUND = { maxMessages: 100, maxBytes: 1_000_000 }
const [TOPIC, GROUP] = [2, 3] as const
const [READ, WRITE, DESCRIBE] = [3, 4, 8] as const

describe.skipIf(missing !== null)(
  `Kafka with sign-in, TLS, ACLs and a bad network${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-access-'))
    const opened: Broker[] = []
    let server: KafkaServer
    let proxy: LossyProxy
    let admin: Admin
    let ports: { plain: number; sasl: number; tls: number; behind: number }
    let certificate: string

    const open = async (port: number, more: object = {}, secret: object | null = null): Promise<Broker> => {
      const configuration = { brokers: [`127.0.0.1:${port}`], ...more }
      const broker = await openBroker({ clusterId: 'access', kind: 'kafka', configuration, secret })
      opened.push(broker)
      return broker
    }
    const signIn = (mechanism: string) => ({ sasl: { mechanism } })

    beforeAll(async () => {
      const [plain, sasl, tls, behind] = [
        await findFreePort(0),
        await findFreePort(0),
        await findFreePort(0),
        await findFreePort(0),
      ]
      ports = { plain, sasl, tls, behind }
      proxy = await startLossyProxy(() => behind)
      certificate = makeCertificate(folder)
      const address = (name: string, port: number) => `${name}://127.0.0.1:${port}`
      server = await startKafka({
        folder: join(folder, 'kafka'),
        port: plain,
        listeners: [
          { name: 'SASL', port: sasl, protocol: 'SASL_PLAINTEXT' },
          { name: 'TLS', port: tls, protocol: 'SASL_SSL' },
          { name: 'BEHIND', port: behind, protocol: 'PLAINTEXT' },
        ],
        scramUsers: [
          { mechanism: 'SCRAM-SHA-256', name: 'admin', password: 'secret-256' },
          { mechanism: 'SCRAM-SHA-512', name: 'admin', password: 'secret-512' },
        ],
        settings: [
          `advertised.listeners=${[address('PLAINTEXT', plain), address('SASL', sasl), address('TLS', tls), address('BEHIND', proxy.port)].join(',')}`,
          'listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,OAUTHBEARER',
          'listener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-512',
          ...jaas('sasl', 'scram-sha-256', 'scram.ScramLoginModule required;'),
          ...jaas('sasl', 'plain', 'plain.PlainLoginModule required user_limited="limited-secret";'),
          ...jaas(
            'sasl',
            'oauthbearer',
            'oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin";',
          ),
          ...jaas('tls', 'scram-sha-512', 'scram.ScramLoginModule required;'),
          'listener.name.tls.ssl.keystore.type=PEM',
          `listener.name.tls.ssl.keystore.location=${join(folder, 'keystore.pem')}`,
          'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'super.users=User:ANONYMOUS;User:admin',
        ],
      })
      admin = new Admin({ clientId: 'harness', bootstrapBrokers: [server.brokers], retryDelay: 100 })
      await admin.createTopics({ topics: ['visible', 'hidden'], partitions: 1, replicas: 1 })
      const allow = (
        resourceType: typeof TOPIC | typeof GROUP,
        resourceName: string,
        operation: typeof READ | typeof WRITE | typeof DESCRIBE,
      ) => ({
        resourceType,
        resourceName,
        resourcePatternType: 3 as const,
        principal: 'User:limited',
        host: '*',
        operation,
        permissionType: 3 as const,
      })
      await admin.createAcls({
        creations: [
          allow(TOPIC, 'visible', READ),
          allow(TOPIC, 'visible', DESCRIBE),
          allow(GROUP, 'visible-group', DESCRIBE),
        ],
      })
      for (const groupId of ['visible-group', 'hidden-group']) {
        const topics = ['visible', 'hidden'].map((name) => ({ name, partitionOffsets: [{ partition: 0, offset: 0n }] }))
        await admin.alterConsumerGroupOffsets({ groupId, topics })
      }
    })

    afterAll(async () => {
      await Promise.all(opened.map((broker) => broker.close()))
      await admin.close()
      await proxy.close()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    test('who may look at a group and not read as it has its reset refused by name, and nothing is changed', async () => {
      const broker = await open(ports.sasl, signIn('PLAIN'), { username: 'limited', password: 'limited-secret' })
      const { reset } = broker.offsets!
      expect(await reset!.readActivity('visible-group', signalOf())).toMatchObject({ isInactive: true })
      const [result] = await reset!.set('visible-group', 'visible', [{ lane: '0', to: 7 }], signalOf())
      expect(result).toMatchObject({
        outcome: 'failed',
        failure: { code: 'forbidden', message: expect.stringContaining('GROUP_AUTHORIZATION_FAILED') },
      })
      const [lane] = await broker.offsets!.read('visible-group', 'visible', signalOf())
      expect(lane?.committed).toBe(0)
      expect(await failureOf(reset!.readActivity('hidden-group', signalOf()))).toMatchObject({ code: 'not-found' })
    })

    test('SCRAM-SHA-256, PLAIN and OAUTHBEARER sign in', async () => {
      const token = [
        '{"alg":"none"}',
        JSON.stringify({ sub: 'admin', iat: Date.now() / 1000 - 5, exp: Date.now() / 1000 + 600 }),
        '',
      ]
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.')
      const brokers = [
        await open(ports.sasl, signIn('SCRAM-SHA-256'), { username: 'admin', password: 'secret-256' }),
        await open(ports.sasl, signIn('PLAIN'), { username: 'limited', password: 'limited-secret' }),
        await open(ports.sasl, signIn('OAUTHBEARER'), { token }),
      ]
      for (const broker of brokers) expect(await broker.identify(signalOf())).toBe(server.clusterId)
    })

    test('SCRAM-SHA-512 over TLS signs in, and only with the right authority', async () => {
      const secret = { username: 'admin', password: 'secret-512' }
      const trusting = await open(
        ports.tls,
        { ...signIn('SCRAM-SHA-512'), tls: { certificateAuthority: certificate } },
        secret,
      )
      expect(await trusting.identify(signalOf())).toBe(server.clusterId)
      await sendAll(trusting, [plainMessage('visible', 1)])
      const wary = await open(ports.tls, { ...signIn('SCRAM-SHA-512'), tls: {} }, secret)
      expect(await failureOf(wary.identify(signalOf()))).toMatchObject({ code: 'invalid', retryable: false })
    })

    test('a client without TLS on a TLS port is told so', async () => {
      const naked = await open(ports.tls, signIn('SCRAM-SHA-512'), { username: 'admin', password: 'secret-512' })
      const failure = await failureOf(naked.identify(signalOf()))
      expect(failure.message).toMatch(/TLS|unavailable|closed/i)
    })

    test.each(['SCRAM-SHA-256', 'PLAIN'])(
      'a wrong password for %s fails soon, clearly, and as not worth repeating',
      async (mechanism) => {
        const broker = await open(ports.sasl, signIn(mechanism), { username: 'limited', password: 'wrong' })
        const startedMs = Date.now()
        const failure = await failureOf(broker.inventory.read(signalOf()))
        expect(failure).toMatchObject({ code: 'forbidden', retryable: false })
        expect(failure.message).toContain('sign-in')
        expect(failure.message).not.toContain('wrong')
        expect(Date.now() - startedMs).toBeLessThan(10_000)
        const [result] = await broker.send.send([plainMessage('visible', 1)], signalOf())
        expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'forbidden', retryable: false } })
      },
    )

    test('with few permissions what may be seen is shown, and the rest is unknown with a reason', async () => {
      const broker = await open(ports.sasl, signIn('PLAIN'), { username: 'limited', password: 'limited-secret' })
      const inventory = await broker.inventory.read(signalOf())
      expect(inventory.destinations.map((one) => one.name)).toEqual(['visible'])
      expect(inventory.destinations[0]).toMatchObject({ retentionMs: null })
      expect(inventory.unreadable).toContainEqual({
        subject: 'settings of topic visible',
        reason: expect.stringContaining('TOPIC_AUTHORIZATION_FAILED'),
      })
      expect(inventory.groups.map((group) => group.name)).toEqual(['visible-group'])
      const lag = await broker.lag.read(signalOf())
      expect(lag.lanes.map((lane) => [lane.group, lane.destination])).toEqual([['visible-group', 'visible']])
      await broker.deadLetters!.find(signalOf())
    })

    test('what may not be read or written fails as forbidden, not as empty', async () => {
      const broker = await open(ports.sasl, signIn('PLAIN'), { username: 'limited', password: 'limited-secret' })
      const reading = collect(broker.deadLetters!.read('hidden', null, BOUND, signalOf()))
      expect(await failureOf(reading)).toMatchObject({ code: 'forbidden', retryable: false })
      const results = await broker.send.send([plainMessage('visible', 1), plainMessage('hidden', 1)], signalOf())
      for (const result of results) {
        expect(result).toMatchObject({ outcome: 'refused', failure: { code: 'forbidden', retryable: false } })
      }
    })

    test('a confirmation that got lost is asked for again, and the message is there once', async () => {
      await admin.createTopics({ topics: ['once'], partitions: 1, replicas: 1 })
      const broker = await open(proxy.port)
      await sendAll(broker, [plainMessage('once', 0)])
      const before = proxy.lost()
      proxy.loseAnswers(1)
      const [position] = await sendAll(broker, [plainMessage('once', 1)])
      expect(proxy.lost()).toBe(before + 1)
      expect(position).toEqual({ lane: '0', sequence: '1' })
      const again = await sendAll(broker, plainMessages('once', 3))
      expect(again.map((one) => one.sequence)).toEqual(['2', '3', '4'])
    })

    test('a confirmation that stays lost leaves the outcome unknown, and the next send is not mistaken for it', async () => {
      await admin.createTopics({ topics: ['unknown'], partitions: 1, replicas: 1 })
      const broker = await open(proxy.port)
      await sendAll(broker, [plainMessage('unknown', 0)])
      proxy.loseAnswers(1_000_000)
      const [result] = await broker.send.send([plainMessage('unknown', 1)], AbortSignal.timeout(1_500))
      proxy.loseAnswers(0)
      expect(result).toMatchObject({ outcome: 'unknown', failure: { code: 'outcome-unknown' } })
      const [position] = await sendAll(broker, [plainMessage('unknown', 2)])
      const place = await collect(broker.deadLetters!.read('unknown', null, BOUND, signalOf()))
      const texts = place.messages.map((message) => Buffer.from(message.payload!).toString())
      expect(texts).toEqual(['{"ordinal":0}', '{"ordinal":1}', '{"ordinal":2}'])
      expect(position).toEqual({ lane: '0', sequence: '2' })
    })

    test('a broker that does not answer is unavailable and worth trying again', async () => {
      const broker = await open(proxy.port)
      proxy.loseAnswers(1_000_000)
      const failure = await failureOf(broker.lag.read(signalOf()))
      proxy.loseAnswers(0)
      expect(failure).toMatchObject({ code: 'broker-unavailable', retryable: true })
      await broker.lag.read(signalOf())
    })
  },
)

const jaas = (listener: string, mechanism: string, module: string): string[] => [
  `listener.name.${listener}.${mechanism}.sasl.jaas.config=org.apache.kafka.common.security.${module}`,
]

/** A self-signed certificate for 127.0.0.1; the key store is PKCS8 key and certificate in one PEM file. */
function makeCertificate(folder: string): string {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    '-days',
    '2',
    ...subject,
  ]
  execFileSync('openssl', request, { stdio: 'ignore' })
  const pem = readFileSync(certificate, 'utf8')
  writeFileSync(join(folder, 'keystore.pem'), `${readFileSync(key, 'utf8')}${pem}`)
  return pem
}
