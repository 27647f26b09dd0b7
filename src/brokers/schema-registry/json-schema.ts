import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { textOf } from '#brokers/schema-registry/exact-text.ts'
import type { SchemaText } from '#brokers/schema-registry/schema-text.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** A JSON Schema that is ready to judge. */
export interface JsonSchema {
  /** Its title or id; null when it has neither. */
  readonly name: string | null
  readonly validate: ValidateFunction
}

/** Formats are not judged (producers seldom do), and unknown keywords are no fault of the message. */
const OPTIONS = { strict: false, validateFormats: false, allErrors: false, logger: false } as const

/** Drafts 6, 7, 2019-09 and 2020-12; one without `$schema` counts as draft 7, as the registry has it. @throws Undecodable */
export function parseJsonSchema({ text, references }: SchemaText): JsonSchema {
  try {
    const schema: unknown = JSON.parse(text)
    const draft = memberOf(schema, '$schema') ?? ''
    if (draft.includes('draft-04')) throw new Undecodable('its schema is of draft 4, which is not judged here')
    const ajv = openAjv(draft)
    for (const reference of references) ajv.addSchema(withoutDraft(JSON.parse(reference.text)), reference.name)
    const validate = ajv.compile(withoutDraft(schema))
    return { name: memberOf(schema, 'title') ?? memberOf(schema, '$id'), validate }
  } catch (error) {
    if (error instanceof Undecodable) throw error
    throw new Undecodable('its schema cannot be understood', error instanceof Error ? error.message : String(error))
  }
}

function openAjv(draft: string): Ajv {
  if (draft.includes('2020-12')) return new Ajv2020(OPTIONS)
  return draft.includes('2019-09') ? new Ajv2019(OPTIONS) : new Ajv(OPTIONS)
}

/** The drafts 6 and 7 are read alike, and a draft that is unknown is no reason not to judge. */
function withoutDraft(schema: unknown): object | boolean {
  if (typeof schema === 'boolean') return schema
  if (typeof schema !== 'object' || schema === null)
    throw new Undecodable('its schema is neither an object nor a boolean')
  const { $schema: _draft, ...rest } = schema as Record<string, unknown>
  return rest
}

function memberOf(schema: unknown, name: string): string | null {
  const value = typeof schema === 'object' && schema !== null ? (schema as Record<string, unknown>)[name] : null
  return typeof value === 'string' && value !== '' ? value : null
}

/** The body as JSON text, exactly as it was written. @throws Undecodable when it is no JSON */
export function readJsonBody(body: Uint8Array): { readonly text: string; readonly value: unknown } {
  const text = textOf(body)
  if (text === null) throw new Undecodable('it is no UTF-8 text, so no JSON')
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    // The parser's words quote the payload, which is not for everybody.
    throw new Undecodable('it is no JSON')
  }
}

/** Why a value is not what the schema says: one clause without places in lists, and the exact place; null when it is. */
export function judgeJson(schema: JsonSchema, value: unknown): { reason: string; detail: string | null } | null {
  if (schema.validate(value) === true) return null
  const [error] = schema.validate.errors ?? []
  const path = error?.instancePath ?? ''
  const extra: unknown = error?.params['additionalProperty']
  const more = typeof extra === 'string' ? ` (${extra})` : ''
  const reason = `${path === '' ? 'the payload' : path.replaceAll(/\/\d+(?=\/|$)/g, '/*')} ${error?.message ?? 'is refused'}${more}`
  return { reason, detail: /\/\d/.test(path) ? `at ${path}` : null }
}
