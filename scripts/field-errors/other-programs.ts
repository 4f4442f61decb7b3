import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { ROOT } from '../site/demo-site.ts';
import { Stage } from './stage.ts';

const Ready = z.object({ mqtts: z.string() });

/** A program of its own: locks of SQLite are let go when their process closes any descriptor of the file. */
const HOLDER = `const { SiteFolder } = await import(process.argv[1]);
new SiteFolder(process.argv[2]).lock();
process.stdout.write('held');
process.stdin.resume();`;

/** Has the broker's folder, as a broker that runs has it. */
export async function holdFolder(stage: Stage, name: string): Promise<void> {
  const module = join(ROOT, 'broker/persistence/site-folder.ts');
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, module, stage.path(name)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  stage.onClose(async () => {
    child.stdin.end();
    await once(child, 'close');
  });
}

/** Listens on a port of loopback, whose number `{name}` then is. */
export async function takePort(stage: Stage, name: string): Promise<void> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.onClose(() => void server.close());
  const address = server.address();
  stage.named(name, String(typeof address === 'object' ? address?.port : ''));
}

/** A site that runs, on a copy of the folder: `{mqtts}` then is its port. */
export async function startSite(stage: Stage, name: string): Promise<void> {
  const copy = Stage.copy(stage);
  const args = ['--data', copy.path(name), '--mqtts', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  const child = spawn(process.execPath, [join(ROOT, 'broker/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  stage.onClose(async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'close');
    await copy.close();
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  stage.named('mqtts', new URL(Ready.parse(JSON.parse(String(line))).mqtts).port);
}
