/** How a build's container ended. */
export type Ending =
  | { readonly by: 'itself'; readonly exitCode: number; readonly oomKilled: boolean }
  | { readonly by: 'time' }
  | { readonly by: 'processes' | 'output' }
  | { readonly by: 'disk'; readonly usedBytes: number };
