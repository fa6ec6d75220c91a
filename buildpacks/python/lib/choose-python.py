"""choose-python LOCK_FILE < "PACKAGE VERSION" lines: prints the line of the Python that the app asks for.

Asked for in .python-version, runtime.txt, Pipfile, or pyproject.toml (requires-python); else the newest.
"""
import re
import sys
import tomllib
from pathlib import Path


def toml(name):
    try:
        return tomllib.loads(Path(name).read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        give_up(f'{name} is not valid TOML: {error}.')


def give_up(message):
    sys.exit(f' !     {message}')


def first_line(name):
    try:
        lines = [line.split('#')[0].strip() for line in Path(name).read_text().splitlines()]
    except FileNotFoundError:
        return ''
    return next(filter(None, lines), '')


def wanted():
    """The file that says it, and a range of versions."""
    for name in ('.python-version', 'runtime.txt'):
        said = first_line(name)
        if said:
            number = said.removeprefix('python-')
            if not re.fullmatch(r'3\.\d+(\.\d+)?', number):
                give_up(f'{name} says "{said}", which is no version of Python: write e.g. 3.13.')
            return name, f'=={number}.*' if number.count('.') == 1 else f'=={number}'
    requires = toml('Pipfile').get('requires', {}) if sys.argv[1].startswith('Pipfile') else {}
    if requires:
        return 'Pipfile', '==' + (requires.get('python_full_version') or f'{requires.get("python_version", 3)}.*')
    pyproject = toml('pyproject.toml')
    poetry = pyproject.get('tool', {}).get('poetry', {}).get('dependencies', {}).get('python', '')
    return 'pyproject.toml', pyproject.get('project', {}).get('requires-python') or poetry


def numbers(version):
    return tuple(int(part) for part in re.findall(r'\d+', version))


def fits(version, ranges):
    return all(fits_one(numbers(version), part.strip()) for part in ranges.split(',') if part.strip() not in ('', '*'))


def fits_one(version, part):
    operator, text = re.fullmatch(r'(===|[=!<>~]=|[<>^~]|)\s*v?(\d.*)', part).groups()
    bound = numbers(text)
    same = version[:len(bound)] == bound
    # Missing parts of a version are zeros: 3.13 means 3.13.0, so 3.13.5 is newer.
    pair = version, bound + (0,) * (3 - len(bound))
    match operator:
        case '' | '==' | '===': return same
        case '!=': return not same
        case '>=': return pair[0] >= pair[1]
        case '>': return pair[0] > pair[1]
        case '<=': return pair[0] <= pair[1]
        case '<': return pair[0] < pair[1]
        case '^': return pair[0] >= pair[1] and version[:1] == bound[:1]
        case '~=' if len(bound) > 2: return pair[0] >= pair[1] and version[:2] == bound[:2]
        case '~=': return pair[0] >= pair[1] and version[:1] == bound[:1]
        case '~': return pair[0] >= pair[1] and version[:2] == bound[:2]


def main():
    available = [line.split() for line in sys.stdin]
    name, ranges = wanted()
    try:
        fitting = [pair for pair in available if fits(pair[1], ranges or '*')]
    except (AttributeError, TypeError):
        give_up(f'{name} asks for Python "{ranges}", which is no range of versions: write e.g. ">=3.11".')
    if not fitting:
        versions = ', '.join(version for _, version in available)
        example = '.'.join(available[-1][1].split('.')[:2]) if available else ''
        give_up(f'{name} asks for Python {ranges.removeprefix("==").removesuffix(".*")}; this stack has {versions}. Ask for {example} there.')
    print(*fitting[-1])


main()
