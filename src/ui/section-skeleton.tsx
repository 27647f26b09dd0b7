import { SkeletonRows } from '#ui/skeleton.tsx'

/** Stands for a section whose script is still on its way. */
export const SectionSkeleton = () => <SkeletonRows count={6} label="this section" />
