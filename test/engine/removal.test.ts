import { expect } from 'chai';
import type { Call, Connection } from '../../src/engine/connection/connection.ts';
import { DockerServices } from '../../src/engine/services/docker-services.ts';
import type { TaskInfo } from '../../src/engine/index.ts';

/** An id as the engine makes them: nothing is looked up for it by name. */
const ID = 'uoo8r9ueykkhcrhv7kengklyq';

describe('the removal of a service', () => {
  /** Whose tasks say in turn what becomes of them; answers what the engine was asked. */
  let waited: number;
  const removed = async (rounds: readonly TaskInfo['desired'][][]): Promise<string[]> => {
    const asked: string[] = [];
    waited = 0;
    const left = [...rounds];
    const service = { ID, Spec: { Name: 'shop-web-v1' } };
    const connection = {
      find: ({ method = 'GET', path }: Call) => {
        asked.push(path === '/tasks' ? 'tasks' : method);
        if (path !== '/tasks') return Promise.resolve(method === 'GET' ? service : undefined);
        return Promise.resolve(
          (left.shift() ?? []).map((desired) => ({ DesiredState: desired, Spec: {}, Status: {} })),
        );
      },
    };
    const pause = (ms: number): Promise<number> => Promise.resolve((waited += ms));
    await new DockerServices(connection as unknown as Connection, pause).removeService(ID);
    return asked.filter((what) => what !== 'GET');
  };

  it('waits while tasks of it are taken away', async () => {
    expect(await removed([['remove', 'remove'], ['remove'], []])).to.deep.equal(['tasks', 'tasks', 'tasks', 'DELETE']);
  });

  it('does not wait for tasks that run or have ended', async () => {
    expect(await removed([['running', 'shutdown']])).to.deep.equal(['tasks', 'DELETE']);
  });

  it('does not wait for ever', async () => {
    const asked = await removed(Array.from({ length: 1000 }, (): ['remove'] => ['remove']));
    expect(asked.at(-1)).to.equal('DELETE');
    expect(waited).to.equal(5000);
  });
});
