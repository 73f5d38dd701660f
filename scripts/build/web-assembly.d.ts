/* What the build calls of WebAssembly's JavaScript API; Node's types declare its types only. */

declare namespace WebAssembly {
  interface Descriptor {
    readonly module: string;
    readonly name: string;
  }
  function compile(bytes: Uint8Array): Promise<object>;
  const Module: {
    imports(module: object): readonly Descriptor[];
    exports(module: object): readonly Descriptor[];
  };
}
