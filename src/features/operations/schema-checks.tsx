import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { TextLink } from '#ui/text-link.tsx'
import { deadLetterPath } from '#features/dead-letters/dead-letter-path.ts'
import { PlanCheck } from '#features/operations/plan-check.tsx'

type Schemas = NonNullable<RedrivePlan['schemas']>
type Finding = Schemas['findings'][number]

const NAME: Readonly<Record<Finding['outcome'], string>> = {
  'does-not-decode': 'Not decodable',
  'does-not-fit': 'Does not fit',
  'no-schema-id': 'No schema id',
  unchecked: 'Not checked',
}

/** What the schema registry says of the messages; nothing for plans without one. */
export function SchemaChecks({ schemas }: { readonly schemas: Schemas | null | undefined }) {
  if (schemas === null || schemas === undefined) return null
  const { fitCount, noSchemaCount, findings } = schemas
  return (
    <>
      <PlanCheck isFine={findings.length === 0} name="Schemas">
        {formatPlural(fitCount, 'message')} {fitCount === 1 ? 'fits' : 'fit'} the latest schema of their destination
        {noSchemaCount > 0 && `, ${formatCount(noSchemaCount)} have none to fit`}
      </PlanCheck>
      {findings.map((finding) => (
        <PlanCheck
          key={`${finding.outcome} ${finding.destination} ${finding.reason}`}
          isFine={false}
          name={NAME[finding.outcome]}
        >
          {formatPlural(finding.count, 'message')}
          {finding.destination !== '' && ` to ${finding.destination}`}: {finding.reason}.
          <Examples finding={finding} />
        </PlanCheck>
      ))}
    </>
  )
}

function Examples({ finding: { count, examples } }: { readonly finding: Finding }) {
  return (
    <span className="text-ink-3">
      {' '}
      {count > examples.length ? 'Such as' : 'At'}{' '}
      {examples.map(({ deadLetterId, fingerprint, position, detail }, index) => (
        <span key={position}>
          {index > 0 && ', '}
          {deadLetterId === null || fingerprint === null ? (
            `line ${position.slice(1)}`
          ) : (
            <TextLink href={deadLetterPath(fingerprint, deadLetterId)} isMono>
              {position}
            </TextLink>
          )}
          {detail !== null && ` (${detail})`}
        </span>
      ))}
    </span>
  )
}
