import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, failureOfError, noPython, noVenv, tooOld } from '../src/setup/failures';

const SCENE = { folder: '/data/server', python: { path: '/usr/bin/python3', version: '3.11.2' } };

/** What the tools print, and the failure it is. */
const PRINTED: Record<string, [kind: string, words: RegExp]> = {
  "The virtual environment was not created successfully because ensurepip is not\navailable.  On Debian/Ubuntu systems, you need to install the python3-venv\npackage: ensurepip is not available.": ['no-venv', /run `sudo apt install python3\.11-venv`/],
  '/usr/bin/python3: No module named venv': ['no-venv', /python3\.11-venv/],
  "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(': Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/apsw/\nERROR: Could not find a version that satisfies the requirement apsw>=3.54.1.0 (from tierwise) (from versions: none)\nERROR: No matching distribution found for apsw>=3.54.1.0": ['no-network', /check the network/],
  'error: Failed to fetch: `https://index.example/simple/pydantic/`\n  Caused by: error sending request for url\n  Caused by: dns error': ['no-network', /check the network/],
  "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required'))'": ['proxy', /`http\.proxy`/],
  "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain'))": ['certificate', /SSL_CERT_FILE/],
  'error: invalid peer certificate: UnknownIssuer': ['certificate', /SSL_CERT_FILE/],
  'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device': ['disk-full', /free some 300 MB/],
  "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/data/server/lib'": ['permission', /'\/data\/server' cannot be written/],
  'ERROR: Could not find a version that satisfies the requirement rapidfuzz>=3 (from versions: 2.0)\nERROR: No matching distribution found for rapidfuzz>=3.14.6': ['no-package', /'rapidfuzz' is not to be had for Python 3\.11\.2/],
  "Could not fetch URL http://127.0.0.1:9/simple/apsw/: connection error: HTTPConnectionPool(host='127.0.0.1', port=9): Max retries exceeded with url: /simple/apsw/ (Caused by NewConnectionError('<pip._vendor.urllib3.connection.HTTPConnection object at 0x7f7b4df63150>: Failed to establish a new connection: [Errno 111] Connection refused')) - skipping\nERROR: Could not find a version that satisfies the requirement apsw (from versions: none)\nERROR: No matching distribution found for apsw": ['no-network', /check the network/],
  "Could not fetch URL https://index.invalid/simple/apsw/: connection error: HTTPSConnectionPool(host='index.invalid', port=443): Max retries exceeded with url: /simple/apsw/ (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required'))) - skipping\nERROR: Could not find a version that satisfies the requirement apsw (from versions: none)\nERROR: No matching distribution found for apsw": ['proxy', /`http\.proxy`/],
  "Could not fetch URL https://127.0.0.1:35911/simple/apsw/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='127.0.0.1', port=35911): Max retries exceeded with url: /simple/apsw/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)'))) - skipping\nERROR: Could not find a version that satisfies the requirement apsw (from versions: none)\nERROR: No matching distribution found for apsw": ['certificate', /SSL_CERT_FILE/],
  "Could not fetch URL http://127.0.0.1:34789/simple/apsw/: HTTPConnectionPool(host='127.0.0.1', port=34789): Max retries exceeded with url: /simple/apsw/ (Caused by ResponseError('too many 503 error responses')) - skipping\nERROR: Could not find a version that satisfies the requirement apsw (from versions: none)\nERROR: No matching distribution found for apsw": ['no-network', /check the network/],
  "Could not fetch URL https://index.example/simple/apsw/: 404 Client Error: Not Found for url: https://index.example/simple/apsw/ - skipping\nERROR: Could not find a version that satisfies the requirement apsw (from versions: none)\nERROR: No matching distribution found for apsw": ['no-package', /'apsw' is not to be had/],
  "Using Python 3.11.7 environment at: v\nerror: Failed to fetch: http://127.0.0.1:9/simple/apsw/\n  cause: error sending request for url (http://127.0.0.1:9/simple/apsw/)\n  cause: client error (Connect)\n  cause: tcp connect error\n  cause: Connection refused (os error 111)": ['no-network', /check the network/],
  "Using Python 3.11.7 environment at: v\nerror: Failed to fetch: https://index.invalid/simple/apsw/\n  cause: error sending request for url (https://index.invalid/simple/apsw/)\n  cause: client error (Connect)\n  cause: dns error\n  cause: error resolving DNS\n  cause: failed to lookup address information: Name or service not known": ['no-network', /check the network/],
  "Using Python 3.11.7 environment at: v\nerror: Failed to fetch: https://127.0.0.1:42131/simple/apsw/\n  cause: error sending request for url (https://127.0.0.1:42131/simple/apsw/)\n  cause: client error (Connect)\n  cause: invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))": ['certificate', /SSL_CERT_FILE/],
  "Using Python 3.11.7 environment at: v\nerror: Failed to fetch: https://index.invalid/simple/apsw/\n  cause: error sending request for url (https://index.invalid/simple/apsw/)\n  cause: client error (Connect)\n  cause: tunnel error: proxy authorization required": ['proxy', /`http\.proxy`/],
  "Using Python 3.11.7 environment at: v\nerror: Failed to fetch: https://index.invalid/simple/apsw/\n  cause: error sending request for url (https://index.invalid/simple/apsw/)\n  cause: client error (Connect)\n  cause: tunnel error: failed to create underlying connection\n  cause: tcp connect error\n  cause: Connection refused (os error 111)": ['proxy', /`http\.proxy`/],
  "Using Python 3.11.7 environment at: v\nerror: Failed to fetch: http://127.0.0.1:33519/simple/apsw/\n  cause: HTTP status server error (503 Service Unavailable) for url (http://127.0.0.1:33519/simple/apsw/)": ['no-network', /check the network/],
  'error: No solution found when resolving dependencies\n  cause: Because apsw was not found in the cache and tierwise==0.1.0 depends on apsw>=3.54.1.0\n\nhint: Packages were unavailable because the network was disabled. When the network is disabled, registry packages may only be read from the cache.': ['no-network', /check the network/],
  'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: something nobody foresaw\n': ['broken', /the log says why: ValueError: something nobody foresaw/],
  '': ['broken', /it said nothing/],
};

for (const [output, [kind, words]] of Object.entries(PRINTED)) {
  test(`${kind} is told from: ${output.slice(0, 80).replace(/\s+/g, ' ')}`, () => {
    const failure = failureOf(output, SCENE);
    assert.equal(failure.kind, kind);
    assert.match(failure.words, words);
  });
}

test('an exception of the system is a failure too', () => {
  const full = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
  assert.equal(failureOfError(full, SCENE).kind, 'disk-full');
  const refused = Object.assign(new Error("mkdir '/data'"), { code: 'EACCES' });
  assert.equal(failureOfError(refused, SCENE).kind, 'permission');
  assert.equal(failureOfError(new DOMException('cancelled', 'AbortError'), SCENE).kind, 'cancelled');
});

test('each sentence is one, says what to do, and has no full stop', () => {
  const old = { path: '/usr/bin/python3', version: '3.9.2' };
  const all = [noPython(), noVenv(undefined), tooOld(old), ...Object.keys(PRINTED).map((output) => failureOf(output, SCENE))];
  for (const { words } of all) {
    assert.doesNotMatch(words, /\.$|\. [A-Z]/, words);
    assert.match(words, /install|run|name|check|free|make|the log says/, words);
  }
  assert.match(tooOld(old).words, /Python 3\.9\.2 \('\/usr\/bin\/python3'\)/);
});
