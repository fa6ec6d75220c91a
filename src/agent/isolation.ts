import { keepUp, type Clock } from '#events';
import { isolationRules } from './isolation-rules.ts';
import type { OverlayNamespace } from './overlay-namespace.ts';

/** Whether web processes on this node are kept from each other and from the controller. */
export interface IsolationState {
  readonly enforced: boolean;
  /** Why not; empty if it is. */
  readonly why: string;
}

export interface IsolationParts {
  readonly clock: Clock;
  /** Addresses of this node's hubs on the proxy network. */
  readonly hubs: () => Promise<readonly string[]>;
  readonly namespace: OverlayNamespace;
  /** Called when `state` changes. */
  readonly changed: (state: IsolationState) => void;
}

/** Rules that were removed, and hubs that moved, are noticed within this time. */
const EVERY_MS = 500;
const TABLE = ['list', 'table', 'bridge', 'mothership'];

/**
 * Keeps the rules of the proxy network on this node. They stay in the kernel when the agent ends, and while the engine
 * does not answer.
 */
export class Isolation {
  readonly #parts: IsolationParts;
  /** What was written, and how nft shows it. */
  #written = { rules: '', shown: '' };
  #hubs: readonly string[] = [];
  state: IsolationState = { enforced: false, why: 'its agent has just started' };

  constructor(parts: IsolationParts) {
    this.#parts = parts;
  }

  async keep(signal: AbortSignal): Promise<void> {
    const failed = (error: unknown): void => this.#become({ enforced: false, why: (error as Error).message });
    await keepUp({ clock: this.#parts.clock, everyMs: EVERY_MS, failed }, () => this.once(), signal);
  }

  async once(): Promise<void> {
    const { namespace, hubs } = this.#parts;
    this.#hubs = await hubs().catch(() => this.#hubs);
    const rules = isolationRules(this.#hubs);
    const shown = await namespace.nft(TABLE).catch(() => '');
    if (rules !== this.#written.rules || shown !== this.#written.shown) {
      await namespace.nft(['-f', '-'], rules);
      this.#written = { rules, shown: await namespace.nft(TABLE) };
    }
    this.#become({ enforced: true, why: '' });
  }

  #become(state: IsolationState): void {
    const { enforced, why } = this.state;
    this.state = state;
    if (enforced !== state.enforced || why !== state.why) this.#parts.changed(state);
  }
}
