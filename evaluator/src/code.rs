//! Machine code: functions built with Cranelift, and the memory they lie in, which is freed with its last user. Knows how
//! code is made and kept, not what it computes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cranelift_codegen::ir::{AbiParam, InstBuilder, Type, Value};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{CodegenError, Context};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, ModuleError, default_libcall_names};

/// Code that could not be made: a processor that Cranelift does not know, no memory, or a fault of the emitter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCode(String);

impl std::fmt::Display for NoCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expressions cannot be compiled to machine code: {}", self.0)
    }
}

impl std::error::Error for NoCode {}

impl NoCode {
    pub(crate) fn new(why: impl std::fmt::Display) -> NoCode {
        NoCode(why.to_string())
    }
}

impl From<ModuleError> for NoCode {
    fn from(error: ModuleError) -> NoCode {
        // The verifier's text names what it met; without it the message is "Verifier errors".
        match error {
            ModuleError::Compilation(CodegenError::Verifier(faults)) => NoCode::new(faults),
            error => NoCode::new(error),
        }
    }
}

/// A function of a [`Builder`], to be asked for from its [`Code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    id: FuncId,
    /// The builder's number.
    of: u64,
}

/// What is looked for in code before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optimise {
    /// What is done twice, or can be done with less.
    Speed,
    /// Nothing: the code is made sooner.
    Nothing,
}

/// Makes functions of one [`Code`].
pub struct Builder {
    module: JITModule,
    context: Context,
    frontend: FunctionBuilderContext,
    bytes: usize,
    /// No other builder of the process has this number.
    number: u64,
}

impl Builder {
    /// **Errors**: a processor that Cranelift does not know.
    pub fn new(optimise: Optimise) -> Result<Builder, NoCode> {
        if cfg!(feature = "no-jit") {
            return Err(NoCode::new("this build makes none"));
        }
        let mut flags = settings::builder();
        // A caller's fault in tests and debug builds is worth finding; in a release it would cost a third of the time.
        let verifier = if cfg!(any(test, debug_assertions, feature = "guard-pages")) { "true" } else { "false" };
        let (level, registers) = match optimise {
            Optimise::Speed => ("speed", "backtracking"),
            Optimise::Nothing => ("none", "single_pass"),
        };
        let chosen = [
            ("opt_level", level),
            ("regalloc_algorithm", registers),
            ("is_pic", "false"),
            ("enable_verifier", verifier),
            ("unwind_info", "false"),
            // A frame of more than a page is touched page by page, so that none steps over the guard page of its stack.
            ("enable_probestack", "true"),
            ("probestack_strategy", "inline"),
        ];
        for (name, value) in chosen {
            flags.set(name, value).map_err(NoCode::new)?;
        }
        let isa = cranelift_native::builder().map_err(NoCode::new)?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(NoCode::new)?;
        let module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
        let context = module.make_context();
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Ok(Builder { module, context, frontend: FunctionBuilderContext::new(), bytes: 0, number })
    }

    /// The target's facts, which a [`FunctionBuilder`] asks for here and there.
    pub fn target(&self) -> TargetFrontendConfig {
        self.module.isa().frontend_config()
    }

    /// Defines a function without result, of the system's calling convention. `body` finds itself in the entry block,
    /// which is sealed, and must seal the blocks that it makes; the block it ends in returns.
    /// **Errors**: those of code generation.
    pub fn define(
        &mut self,
        parameters: &[Type],
        body: impl FnOnce(&mut FunctionBuilder<'_>, &[Value]) -> Result<(), NoCode>,
    ) -> Result<Function, NoCode> {
        self.module.clear_context(&mut self.context);
        self.context.func.signature.params.extend(parameters.iter().map(|ty| AbiParam::new(*ty)));
        let target = self.target();
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.frontend);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        builder.seal_block(entry);
        let given = builder.block_params(entry).to_vec();
        if let Err(fault) = body(&mut builder, &given) {
            // What was begun is of no use, and its builder's scratch is not empty.
            self.frontend = FunctionBuilderContext::new();
            return Err(fault);
        }
        builder.ins().return_(&[]);
        builder.finalize(target);
        let id = self.module.declare_anonymous_function(&self.context.func.signature)?;
        self.module.define_function(id, &mut self.context)?;
        self.bytes += self.context.compiled_code().map_or(0, |code| code.code_info().total_size as usize);
        Ok(Function { id, of: self.number })
    }

    /// Makes what was defined executable, and immutable. **Errors**: those of the system's memory.
    pub fn finish(mut self) -> Result<Arc<Code>, NoCode> {
        let finished = self.module.finalize_definitions();
        let code = Code { module: Mutex::new(Some(self.module)), bytes: self.bytes, number: self.number };
        finished?;
        Ok(Arc::new(code))
    }
}

/// Finished functions and their memory. Whoever keeps an address of one keeps the [`Arc`] of its code beside it.
pub struct Code {
    /// Never taken before the end.
    module: Mutex<Option<JITModule>>,
    bytes: usize,
    /// The builder's.
    number: u64,
}

impl Code {
    /// The address of a function of the builder that made this code, never null. What is made of it must not be called
    /// after this code is dropped. **Errors**: a function of another builder.
    pub fn address(&self, function: Function) -> Result<*const u8, NoCode> {
        let module = self.module.lock().unwrap_or_else(PoisonError::into_inner);
        let module = module.as_ref().filter(|_| function.of == self.number);
        module
            .map(|module| module.get_finalized_function(function.id))
            .ok_or_else(|| NoCode::new("a function of another builder"))
    }

    /// Bytes of machine code.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        let module = self.module.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(module) = module {
            // SAFETY: addresses of the module's functions are kept only beside an `Arc` of this code, so none is
            // running and none is called after the last of those is gone; whoever else asks for one is told so.
            unsafe { module.free_memory() };
        }
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({} bytes)", self.bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use cranelift_codegen::ir::MemFlagsData;
    use cranelift_codegen::ir::types::I64;

    type Store = unsafe extern "C" fn(*mut i64);

    /// Code that stores a number.
    fn storing(number: i64) -> (Arc<Code>, Function) {
        let mut builder = Builder::new(Optimise::Speed).unwrap();
        let function = builder
            .define(&[I64], |b, given| {
                let number = b.ins().iconst(I64, number);
                b.ins().store(MemFlagsData::trusted(), number, given[0], 0);
                Ok(())
            })
            .unwrap();
        (builder.finish().unwrap(), function)
    }

    fn run(code: &Code, function: Function) -> i64 {
        let mut out = 0;
        // SAFETY: the function has this signature, its code lives, and `out` may be written.
        unsafe {
            let store = std::mem::transmute::<*const u8, Store>(code.address(function).unwrap());
            store(&mut out);
        }
        out
    }

    #[test]
    fn code_is_shared_between_threads_and_outlives_its_builder() {
        let (code, function) = storing(42);
        let other = code.clone();
        assert_eq!(std::thread::spawn(move || run(&other, function)).join().unwrap(), 42);
        assert_eq!(run(&code, function), 42);
        assert!(code.bytes() > 0);
    }

    #[test]
    fn no_code_gives_an_address_for_a_function_of_another_builder() {
        let ((one, of_one), (other, of_other)) = (storing(1), storing(2));
        assert!(one.address(of_one).is_ok() && other.address(of_other).is_ok());
        assert!(one.address(of_other).is_err() && other.address(of_one).is_err());
    }

    #[test]
    fn a_body_that_gives_up_leaves_the_builder_usable() {
        let mut builder = Builder::new(Optimise::Speed).unwrap();
        let given_up = builder.define(&[I64], |b, _| {
            b.create_block();
            Err(NoCode::new("no"))
        });
        assert_eq!(given_up.unwrap_err().to_string(), "expressions cannot be compiled to machine code: no");
        let function = builder
            .define(&[I64], |b, given| {
                let seven = b.ins().iconst(I64, 7);
                b.ins().store(MemFlagsData::trusted(), seven, given[0], 0);
                Ok(())
            })
            .unwrap();
        assert_eq!(run(&builder.finish().unwrap(), function), 7);
    }
}
