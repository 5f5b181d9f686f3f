/** The package has no types of its own: what is used of it. */
declare module "write-file-atomic" {
  /** Writes to a temporary file beside it, flushes that to the disk, then renames it. */
  export default function writeFileAtomic(
    file: string,
    data: Buffer,
    options: { mode: number; chown: false },
  ): Promise<void>;
}
