/** Configurations of the proxies that the router is measured against. All listen on loopback with one worker or thread. */

const head = `
worker_processes 1;
daemon off;
pid /run/router/nginx.pid;
error_log stderr error;
events { worker_connections 16384; }
http {
  access_log /dev/stdout combined buffer=64k flush=1s;
  server_tokens off;
  keepalive_requests 100000;
  client_body_temp_path /run/router/body;
  proxy_temp_path /run/router/proxy;
  fastcgi_temp_path /run/router/fastcgi;
  uwsgi_temp_path /run/router/uwsgi;
  scgi_temp_path /run/router/scgi;
`;

const forwarded = `
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Request-Id $request_id;
`;

/** What an nginx expert writes by hand for one app. */
export function staticUpstream(port: number, appPort: number): string {
  return `${head}
  upstream app { server 127.0.0.1:${appPort}; keepalive 64; keepalive_requests 100000; }
  server {
    listen 127.0.0.1:${port} reuseport;
    server_name app-7.bench.test;
    location / { ${forwarded} proxy_pass http://app; }
  }
}`;
}

/** What CapRover generates: the upstream's name in a variable, resolved at run time. */
export function variableProxyPass(port: number, appPort: number): string {
  return `${head}
  resolver 127.0.0.11;
  server {
    listen 127.0.0.1:${port} reuseport;
    server_name app-7.bench.test;
    set $upstream http://127.0.0.1:${appPort};
    location / { ${forwarded} proxy_pass $upstream; }
  }
}`;
}

/** haproxy's own tuning guide: one thread, `http-reuse always`, idle connections kept. Headers and access log as above. */
export function haproxy(port: number, appPort: number): string {
  return `
global
  nbthread 1
  maxconn 4096
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend web
  bind 127.0.0.1:${port}
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  http-request set-header X-Forwarded-Proto http
  acl known hdr(host) -i app-7.bench.test
  http-request return status 404 unless known
  default_backend app
backend app
  server app 127.0.0.1:${appPort} pool-max-conn 64
`;
}

/** Caddy sets X-Forwarded-* by itself. GOMAXPROCS=1 in its environment gives it one thread for Go code. */
export function caddyfile(port: number, appPort: number): string {
  return `{
  admin off
  auto_https off
}
http://app-7.bench.test:${port} {
  bind 127.0.0.1
  log {
    output stdout
  }
  reverse_proxy 127.0.0.1:${appPort} {
    header_up X-Request-Id {http.request.uuid}
    transport http {
      keepalive_idle_conns_per_host 64
      compression off
    }
  }
}
`;
}

/** The app behind all of them: a body of the given size. */
export function fastApp(port: number, bytes: number): string {
  return `${head.replace(/access_log .*;/, 'access_log off;')}
  server {
    listen 127.0.0.1:${port} reuseport;
    location / { return 200 "${'x'.repeat(bytes)}"; }
  }
}`;
}
