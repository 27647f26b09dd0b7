import { type ASTNode, Environment, EvaluationError, serialize } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'
import type { LetterSubject } from '#domain/dead-letter/letter-subject.ts'
import { Failure } from '#domain/failure.ts'
import { describeSubject } from '#expression/describe-subject.ts'
import { expandPaths } from '#expression/expand-paths.ts'

const LIMITS = { maxAstNodes: 500, maxDepth: 40, maxListElements: 200, maxMapEntries: 100, maxCallArguments: 8 }
const MAX_PATTERN_LENGTH = 500
const MAX_PATTERNS = 50

/** CEL's own `matches` runs in the JavaScript engine, where a pattern can take forever: this name stands in for it. */
const LINEAR_MATCHES = 'matchesLinear'

/** Whether an expression holds for a dead letter; null with the reason when it cannot be applied to it. */
export type CompiledExpression = (subject: LetterSubject) => boolean | { readonly reason: string }

/**
 * CEL over one dead letter, patterns by RE2. A field or header that is not there makes no match.
 * @throws Failure `invalid` when the text is no expression, or not one that is true or false
 */
export function compileExpression(text: string): CompiledExpression {
  const environment = openEnvironment()
  const parsed = parse(environment, text)
  replaceMatches(parsed.ast)
  const evaluate = parse(environment, serialize(parsed.ast))
  const { valid: isValid, type, error } = evaluate.check()
  if (!isValid) throw notAnExpression(error)
  if (type !== 'bool' && type !== 'dyn')
    throw new Failure('invalid', `The expression gives ${type ?? 'no truth'}, it has to be true or false.`)
  return (subject) => {
    try {
      const answer: unknown = evaluate(describeSubject(subject))
      return typeof answer === 'boolean' ? answer : { reason: 'it is neither true nor false' }
    } catch (error) {
      if (error instanceof Failure) throw error
      if (error instanceof EvaluationError && error.code === 'no_such_key') return false
      return { reason: summaryOf(error) }
    }
  }
}

function openEnvironment(): Environment {
  const patterns = new Map<string, RE2JS>()
  return new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS })
    .registerVariable('payload', 'dyn')
    .registerVariable('text', 'string')
    .registerVariable('headers', 'map<string, dyn>')
    .registerVariable('key', 'string')
    .registerVariable('error', 'string')
    .registerVariable('message', 'string')
    .registerVariable('stack', 'string')
    .registerVariable('destination', 'string')
    .registerVariable('origin', 'string')
    .registerVariable('group', 'string')
    .registerVariable('dialect', 'string')
    .registerVariable('attempts', 'dyn')
    .registerVariable('redrives', 'dyn')
    .registerVariable('size_bytes', 'dyn')
    .registerVariable('died', 'google.protobuf.Timestamp')
    .registerFunction(`string.${LINEAR_MATCHES}(string): bool`, (text: string, pattern: string) =>
      (patterns.get(pattern) ?? compilePattern(patterns, pattern)).matcher(text).find(),
    )
}

function compilePattern(patterns: Map<string, RE2JS>, pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new Failure('invalid', `The pattern has more than ${MAX_PATTERN_LENGTH} characters.`)
  try {
    const compiled = RE2JS.compile(pattern)
    if (patterns.size >= MAX_PATTERNS) patterns.clear()
    patterns.set(pattern, compiled)
    return compiled
  } catch (cause) {
    throw new Failure('invalid', `The pattern is none of RE2: ${summaryOf(cause)}`, { cause })
  }
}

function parse(environment: Environment, text: string) {
  try {
    return environment.parse(expandPaths(text))
  } catch (error) {
    throw notAnExpression(error)
  }
}

const notAnExpression = (error: unknown): Failure =>
  new Failure('invalid', `The expression cannot be read: ${summaryOf(error)}`, { cause: error })

const summaryOf = (error: unknown): string =>
  error instanceof Error
    ? 'summary' in error && typeof error.summary === 'string'
      ? error.summary
      : (error.message.split('\n')[0] ?? error.message)
    : String(error)

/** Renames every call of `matches`, however deep. */
function replaceMatches(node: ASTNode): void {
  const { args } = node
  if (node.op === 'rcall' && Array.isArray(args) && args[0] === 'matches') (args as unknown[])[0] = LINEAR_MATCHES
  visit(args)
}

function visit(part: unknown): void {
  if (Array.isArray(part)) for (const one of part) visit(one)
  else if (isNode(part)) replaceMatches(part)
}

const isNode = (part: unknown): part is ASTNode =>
  typeof part === 'object' && part !== null && 'op' in part && 'args' in part
