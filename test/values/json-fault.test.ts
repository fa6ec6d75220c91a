import { expect } from 'chai';
import { jsonFault } from '../../src/values/json-fault.ts';

describe('what is wrong with JSON', () => {
  const faultOf = (text: string): string => {
    try {
      JSON.parse(text);
    } catch (error) {
      return jsonFault(text, error);
    }
    return 'nothing';
  };

  it('has its line and column', () => {
    expect(faultOf('{\n  "a": 1,\n}\n')).to.match(/^line 3, column 1: Expected double-quoted property name$/);
    expect(faultOf('{"a": 1 "b": 2}')).to.match(/^line 1, column 9: Expected ',' or '}' after property value$/);
    expect(faultOf('{\n  "a": [1,\n')).to.equal('line 3, column 1: Unexpected end');
  });

  it('has the text around it where the engine does not say its place', () => {
    expect(faultOf('{"a": b}')).to.contain("Unexpected token 'b'").and.contain('{"a": b}');
  });
});
