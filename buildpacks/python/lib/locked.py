"""locked LOCK_FILE: prints what uv.lock, poetry.lock or Pipfile.lock names as requirements for pip, for this very Python.

Development dependencies and extras that nobody asked for are left out. Run with pip on PYTHONPATH.
"""
import json
import re
import sys
import tomllib
from pathlib import Path

from pip._vendor.packaging.markers import Marker

INDEX = 'https://pypi.org/simple'


def give_up(message):
    sys.exit(f' !     {message}')


def normal(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def applies(marker):
    return not marker or Marker(marker).evaluate({'extra': ''})


def requirement(name, version, hashes, source=None):
    """A line for pip; `source` as lock files have it."""
    source = source or {}
    if 'git' in source:
        return f'{name} @ git+{source["git"]}@{source["ref"]}'
    if 'url' in source:
        return ' '.join([f'{name} @ {source["url"]}', *hashes])
    if 'path' in source:
        return ('-e ' if source.get('editable') else '') + './' + source['path'].removeprefix('./')
    return ' '.join([f'{name}=={version}', *hashes])


def with_hashes(hashes):
    return [f'--hash={digest}' for digest in sorted(set(hashes))]


def closure(packages, roots, needs):
    """The packages that `roots` lead to; `needs(package, extras)` gives pairs of a package and its extras."""
    extras_of, waiting = {}, list(roots)
    while waiting:
        package, extras = waiting.pop()
        key = packages.index(package)
        if key in extras_of and set(extras) <= extras_of[key]:
            continue
        extras_of[key] = extras_of.get(key, set()) | set(extras)
        waiting += needs(package, extras_of[key])
    return [packages[key] for key in sorted(extras_of)]


def uv(lock):
    packages = lock.get('package', [])

    def resolve(dependencies):
        for needed in dependencies:
            if applies(needed.get('marker')):
                for package in packages:
                    if all(package.get(key) == needed[key] for key in ('name', 'version', 'source') if key in needed):
                        yield package, needed.get('extra', [])

    def needs(package, extras):
        optional = package.get('optional-dependencies', {})
        return resolve([*package.get('dependencies', []), *(needed for extra in extras for needed in optional.get(extra, []))])

    roots = [package for package in packages if '.' in (package['source'].get('virtual'), package['source'].get('editable'))]
    # A workspace without a root project consists of all its members.
    roots = roots or [package for package in packages if package['source'].keys() & {'virtual', 'editable'}]
    declared('uv.lock', 'uv lock', [name_of(text) for text in pyproject().get('project', {}).get('dependencies', [])], packages)
    for package in closure(packages, [(root, []) for root in roots], needs):
        source = package['source']
        if source.get('virtual'):
            continue
        files = [*package.get('wheels', []), package.get('sdist', {})]
        hashes = with_hashes(file['hash'] for file in files if 'hash' in file)
        if 'registry' in source:
            yield index_line(source['registry'])
        yield requirement(package['name'], package.get('version'), hashes, uv_source(source))


def uv_source(source):
    if 'git' in source:
        url, _, revision = source['git'].partition('#')
        return {'git': url.partition('?')[0], 'ref': revision}
    if 'url' in source:
        return source
    for kind in ('editable', 'directory', 'path'):
        if kind in source:
            return {'path': source[kind], 'editable': kind == 'editable'}
    return {}


def poetry(lock):
    packages = lock.get('package', [])
    project = pyproject()
    settings = project.get('tool', {}).get('poetry', {})
    wanted = [*(name_of(text) for text in project.get('project', {}).get('dependencies', [])), *settings.get('dependencies', {})]
    wanted = [name for name in wanted if name != 'python']
    declared('poetry.lock', 'poetry lock', wanted, packages)
    grouped = all('groups' in package for package in packages)
    chosen = [package for package in packages if in_main(package)] if grouped else poetry_closure(packages, settings, wanted)
    for package in chosen:
        source = package.get('source', {})
        if source.get('type') == 'legacy':
            yield index_line(source['url'])
        files = package.get('files') or lock.get('metadata', {}).get('files', {}).get(package['name'], [])
        yield requirement(package['name'], package['version'], with_hashes(file['hash'] for file in files), poetry_source(source, package))


def in_main(package):
    markers = package.get('markers', '')
    marker = markers.get('main', '') if isinstance(markers, dict) else markers
    return 'main' in package['groups'] and not package.get('optional') and applies(marker)


def poetry_closure(packages, settings, wanted):
    """Lock files before Poetry 2 do not say which group a package is in."""
    def resolve(dependencies):
        for name, said in dependencies.items():
            variants = said if isinstance(said, list) else [said]
            fitting = [said for said in variants if isinstance(said, str) or applies(said.get('markers')) and not said.get('optional')]
            extras = [extra for said in fitting if isinstance(said, dict) for extra in said.get('extras', [])]
            if fitting:
                yield from ((package, extras) for package in packages if normal(package['name']) == normal(name))

    def needs(package, extras):
        asked = [name_of(text) for extra in extras for text in package.get('extras', {}).get(extra, [])]
        return resolve({**package.get('dependencies', {}), **{name: '*' for name in asked}})

    own = settings.get('dependencies', {})
    return closure(packages, list(resolve({name: own.get(name, '*') for name in wanted})), needs)


def poetry_source(source, package):
    match source.get('type'):
        case 'git': return {'git': source['url'], 'ref': source['resolved_reference']}
        case 'url': return {'url': source['url']}
        case 'directory' | 'file': return {'path': source['url'], 'editable': package.get('develop', False)}
        case _: return {}


def pipenv(lock):
    for source in lock.get('_meta', {}).get('sources', []):
        yield index_line(source['url'])
    packages = [{'name': name} for name in lock.get('default', {})]
    declared('Pipfile.lock', 'pipenv lock', tomllib.loads(Path('Pipfile').read_text()).get('packages', {}) if Path('Pipfile').exists() else [], packages)
    for name, package in lock.get('default', {}).items():
        if not applies(package.get('markers')):
            continue
        source = {'git': package['git'], 'ref': package['ref']} if 'git' in package else {}
        source = {'url': package['file']} if 'file' in package else source
        source = {'path': package['path'], 'editable': package.get('editable')} if 'path' in package else source
        yield requirement(name, package.get('version', '').removeprefix('=='), with_hashes(package.get('hashes', [])), source)


def pyproject():
    path = Path('pyproject.toml')
    return tomllib.loads(path.read_text()) if path.exists() else {}


def name_of(text):
    return re.match(r'\s*([A-Za-z0-9._-]+)', text).group(1)


def declared(lock_file, command, names, packages):
    locked = {normal(package['name']) for package in packages}
    for name in names:
        if normal(name) not in locked:
            give_up(f'{lock_file} does not have "{name}", which the project asks for: run "{command}" and commit what it writes.')


def index_line(url):
    """Mirrors that are set go before the index that was used to write the lock file."""
    return '' if url.rstrip('/') == INDEX else f'--extra-index-url {url}'


def main():
    name = sys.argv[1]
    try:
        text = Path(name).read_text()
        lock = json.loads(text) if name == 'Pipfile.lock' else tomllib.loads(text)
        lines = list({'uv.lock': uv, 'poetry.lock': poetry, 'Pipfile.lock': pipenv}[name](lock))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        give_up(f'{name} could not be read ({type(error).__name__}: {error}): lock again and commit what that writes.')
    indexes = sorted({line for line in lines if line.startswith('--extra-index-url')})
    print(*indexes, *(line for line in lines if line and line not in indexes), sep='\n')


main()
