import { expect } from 'chai';
import type { Connection } from '../../src/engine/connection/connection.ts';
import { Services } from '../../src/engine/services/services.ts';
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
      find: ({ method = 'GET' }) => {
        asked.push(method);
        return Promise.resolve(method === 'GET' ? service : undefined);
      },
      list: () => Promise.resolve([service]),
    };
    const tasks = {
      list: () => {
        asked.push('tasks');
        return Promise.resolve((left.shift() ?? []).map((desired) => ({ desired }) as TaskInfo));
      },
    };
    await new Services(connection as unknown as Connection, tasks, (ms) => Promise.resolve((waited += ms))).remove(ID);
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
