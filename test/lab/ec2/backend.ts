/** A machine that EC2 would have started. */
export interface Host {
  privateIp: string;
  publicIp: string;
}

export interface HostRequest {
  id: string;
  name: string;
  publicKey: string;
}

/** What stands behind instances. */
export interface Backend {
  start(request: HostRequest): Promise<Host>;
  stop(id: string): Promise<void>;
}

/** No hosts at all: addresses out of the ranges for documentation. */
export class NoHosts implements Backend {
  #count = 0;

  start(): Promise<Host> {
    this.#count += 1;
    return Promise.resolve({ privateIp: `172.31.0.${this.#count}`, publicIp: `203.0.113.${this.#count}` });
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
