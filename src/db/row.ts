/** An interface as the plain record that a raw query's result type has to be. */
export type Row<Shape> = { [Key in keyof Shape]: Shape[Key] }
