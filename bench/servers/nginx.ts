import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { announce } from "./announce.ts";

/** nginx with nchan (Debian: nginx and libnginx-mod-nchan), one worker process, with its own folder. */
export const NGINX = "/usr/sbin/nginx";
export const NCHAN_MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";

export function isNchanInstalled(): boolean {
  return existsSync(NGINX) && existsSync(NCHAN_MODULE);
}

function configuration(folder: string, port: number): string {
  const scratch = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (use) => `${use}_temp_path ${folder}/${use};`,
  );
  // Messages are kept in memory for those that are behind; nothing is stored on disk.
  return `
load_module ${NCHAN_MODULE};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr error;
worker_rlimit_nofile 20000;
events { worker_connections 16000; }
http {
  access_log off;
  ${scratch.join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location ~ ^/room/(\\w+)$ {
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_message_buffer_length 2000;
      nchan_message_timeout 60s;
      nchan_websocket_ping_interval 0;
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function untilListening(port: number, attempts: number): Promise<void> {
  const socket = createConnection(port, "127.0.0.1");
  try {
    await once(socket, "connect");
  } catch (error) {
    if (attempts === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await untilListening(port, attempts - 1);
  } finally {
    socket.destroy();
  }
}

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), "roomcast-bench-nginx-"));
  const port = await freePort();
  writeFileSync(join(folder, "nginx.conf"), configuration(folder, port));
  const nginx = spawn(NGINX, ["-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(nginx, "exit");
  await Promise.race([untilListening(port, 100), exited.then(() => Promise.reject(new Error("nginx did not start")))]);
  announce(port, async () => {
    // Nothing of it is worth a graceful stop, at which nchan without a master process crashes.
    nginx.kill("SIGKILL");
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
}
