//! Runs SQLite from the npm package `sql.js`, made with Emscripten. The guest imports 40 functions.
//! A database in memory needs three of them; each of the others fails if it is called. SQLite calls
//! functions of the host by function pointers, and they call it back.
//!
//! Get the module with `scripts/fetch-guests`, then run it with `cargo run --example sql-js`.

use std::{ffi::CStr, fmt, fs};

use anyhow::{Context as _, bail, ensure};
use host_runtime::{
    Guest, GuestPointer, GuestSlice, HostData, Imports, Instance, Runtime, imports, wasm_import,
    wasmtime::{Engine, Linker, Ref},
};

/// The exports of the guest that this program calls. Emscripten has shortened their names.
mod sqlite3 {
    pub(super) const WASM_CALL_CTORS: &str = "P";
    pub(super) const TABLE: &str = "Q";
    pub(super) const MALLOC: &str = "Ia";
    pub(super) const FREE: &str = "Ja";
    pub(super) const OPEN: &str = "Ha";
    pub(super) const CLOSE: &str = "Ea";
    pub(super) const ERROR_MESSAGE: &str = "$";
    pub(super) const CHANGES: &str = "Da";
    pub(super) const CREATE_FUNCTION: &str = "Fa";
    pub(super) const PREPARE: &str = "T";
    pub(super) const STEP: &str = "U";
    pub(super) const FINALIZE: &str = "X";
    pub(super) const BIND_TEXT: &str = "za";
    pub(super) const BIND_DOUBLE: &str = "xa";
    pub(super) const BIND_BLOB: &str = "wa";
    pub(super) const COLUMN_COUNT: &str = "ra";
    pub(super) const COLUMN_NAME: &str = "Y";
    pub(super) const COLUMN_TYPE: &str = "_";
    pub(super) const COLUMN_DOUBLE: &str = "va";
    pub(super) const COLUMN_TEXT: &str = "Z";
    pub(super) const COLUMN_BLOB: &str = "ta";
    pub(super) const COLUMN_BYTES: &str = "ua";
    pub(super) const VALUE_TYPE: &str = "ia";
    pub(super) const VALUE_DOUBLE: &str = "ga";
    pub(super) const VALUE_TEXT: &str = "S";
    pub(super) const VALUE_BYTES: &str = "fa";
    pub(super) const RESULT_DOUBLE: &str = "ka";
    pub(super) const RESULT_TEXT: &str = "pa";
    pub(super) const RESULT_ERROR: &str = "la";

    /// The results of `STEP`.
    pub(super) const ROW: u32 = 100;
    pub(super) const DONE: u32 = 101;

    /// The types of values.
    pub(super) const INTEGER: u32 = 1;
    pub(super) const FLOAT: u32 = 2;
    pub(super) const TEXT: u32 = 3;
    pub(super) const BLOB: u32 = 4;

    /// The encoding of the text that a function takes.
    pub(super) const UTF8: u32 = 1;
    /// Makes SQLite copy a text instead of freeing it later.
    pub(super) const TRANSIENT: i32 = -1;
}

/// A value of SQL. Numbers are floating-point numbers, as in JavaScript.
#[derive(Clone)]
enum Value {
    Null,
    Number(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => serde_json::Value::from(text.as_str()).fmt(f),
            Self::Blob(bytes) => {
                f.write_str("x'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("'")
            }
        }
    }
}

/// The imports of the guest that a database in memory needs. The module has single letters as their
/// names.
#[wasm_import(module = "a")]
mod env {
    use super::Guest;

    /// `environ_sizes_get`: there are no environment variables.
    #[wasm_import(name = "H")]
    pub(super) fn environ_sizes_get(count: &mut u32, size: &mut u32) -> u32 {
        (*count, *size) = (0, 0);
        0
    }

    #[wasm_import(name = "G")]
    pub(super) fn environ_get(_variables: u32, _text: u32) -> u32 {
        0
    }

    /// `emscripten_resize_heap`: grows the memory to `want` bytes in total.
    #[wasm_import(name = "l")]
    pub(super) fn resize_heap(mut guest: Guest<'_>, want: u32) -> bool {
        let size = guest.memory(|memory| memory.size() as u64);
        let missing = u64::from(want).saturating_sub(size.unwrap_or_default());
        guest.grow_memory(missing.div_ceil(1 << 16)).is_ok()
    }
}

/// Functions for use in SQL. The guest does not import them; it gets them in its table.
///
/// SQLite passes the context of the call, and a list of pointers to values.
#[wasm_import(module = "page")]
mod functions {
    use super::{Guest, GuestPointer, Value, answer, arguments, bail};

    pub(super) fn shout(
        mut guest: Guest<'_>,
        context: u32,
        count: u32,
        values: GuestPointer<u32>,
    ) -> anyhow::Result<()> {
        let result = match &arguments(&mut guest, count, values)?[..] {
            [Value::Text(text), Value::Text(mark)] => Ok(Value::Text(text.to_uppercase() + mark)),
            _ => Err("two texts are needed".to_owned()),
        };
        answer(&mut guest, context, result)
    }

    pub(super) fn affordable(
        mut guest: Guest<'_>,
        context: u32,
        count: u32,
        values: GuestPointer<u32>,
    ) -> anyhow::Result<()> {
        let arguments = arguments(&mut guest, count, values)?;
        let [price] = &arguments[..] else {
            bail!("SQLite passes {count} arguments");
        };
        let result = match price {
            Value::Number(number) if *number > 20.0 => Err(format!("{price} is too much")),
            _ => Ok(price.clone()),
        };
        answer(&mut guest, context, result)
    }
}

/// Reads the arguments of an SQL function.
fn arguments(
    guest: &mut Guest<'_>,
    count: u32,
    values: GuestPointer<u32>,
) -> anyhow::Result<Vec<Value>> {
    let values = GuestSlice::<u32>::new(values.address(), count.into()).to_vec(guest)?;
    let values = values.into_iter().map(|value| {
        Ok(match guest.call::<_, u32>(sqlite3::VALUE_TYPE, value)? {
            sqlite3::INTEGER | sqlite3::FLOAT => {
                Value::Number(guest.call(sqlite3::VALUE_DOUBLE, value)?)
            }
            sqlite3::TEXT => {
                let pointer: u32 = guest.call(sqlite3::VALUE_TEXT, value)?;
                let length: u32 = guest.call(sqlite3::VALUE_BYTES, value)?;
                let text = GuestSlice::<u8>::new(pointer, length.into()).to_vec(guest)?;
                Value::Text(String::from_utf8(text)?)
            }
            _ => Value::Null,
        })
    });
    values.collect()
}

/// Sets the result of an SQL function, a number or a text, or its error.
fn answer(
    guest: &mut Guest<'_>,
    context: u32,
    result: Result<Value, String>,
) -> anyhow::Result<()> {
    let (text, is_error) = match result {
        Ok(Value::Number(number)) => return guest.call(sqlite3::RESULT_DOUBLE, (context, number)),
        Ok(Value::Text(text)) => (text, false),
        Ok(_) => bail!("the result is no number and no text"),
        Err(error) => (error, true),
    };
    let length = u32::try_from(text.len())?;
    let pointer: u32 = guest.call(sqlite3::MALLOC, length)?;
    guest.write(pointer, text.as_bytes())?;
    if is_error {
        guest.call::<_, ()>(sqlite3::RESULT_ERROR, (context, pointer, length))?;
    } else {
        let text = (context, pointer, length, sqlite3::TRANSIENT);
        guest.call::<_, ()>(sqlite3::RESULT_TEXT, text)?;
    }
    guest.call(sqlite3::FREE, pointer)
}

fn main() -> anyhow::Result<()> {
    let mut database = Database::open(instantiate()?)?;
    database.run(
        "CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, price REAL, cover BLOB)",
        &[],
    )?;
    let insert = "INSERT INTO book (title, price, cover) VALUES (?, ?, ?)";
    let text = |text: &str| Value::Text(text.to_owned());
    let first = [
        text("Zoë ✅"),
        Value::Number(12.5),
        Value::Blob(vec![0xca, 0xfe]),
    ];
    database.run(insert, &first)?;
    println!("changed {}", database.changes()?);
    database.run(insert, &[text("Rust"), Value::Number(30.0), Value::Null])?;

    database.print("SELECT * FROM book; SELECT count(*) AS books, sum(price) FROM book")?;
    database.print("SELECT author FROM book")?;
    database.print("INSERT INTO book (id, title) VALUES (1, 'again')")?;

    let functions = imports![mod functions];
    database.create_function("shout", 2, &functions)?;
    database.create_function("affordable", 1, &functions)?;
    database.print("SELECT shout(title, '!') AS loud FROM book")?;
    database.print("SELECT affordable(price) FROM book WHERE id = 1")?;
    database.print("SELECT affordable(price) FROM book WHERE id = 2")?;

    // Needs more memory than the 21 MiB that the guest begins with.
    database.print("SELECT length(hex(zeroblob(20000000))) AS digits")?;
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    database.each_row(size, &[], |database, row| {
        println!("the database has {} bytes", database.value(row, 0)?);
        Ok(())
    })?;
    database.close()
}

fn instantiate() -> anyhow::Result<Instance> {
    let module = fs::read(host_examples::real_guest("sql-wasm.wasm")?)?;
    let engine = Engine::default();
    let builder = Runtime::builder().engine(engine.clone());
    let builder = host_examples::fail_missing(builder, &engine, &module)?;
    let mut guest = builder.build()?.instantiate(module)?;
    guest.call::<(), ()>(sqlite3::WASM_CALL_CTORS, ())?;
    Ok(guest)
}

/// The current row of a statement.
#[derive(Clone, Copy)]
struct Row {
    statement: u32,
    is_first: bool,
}

/// An open database.
struct Database {
    guest: Instance,
    /// The pointer to it in the guest.
    pointer: u32,
    /// The guest writes the pointers to a prepared statement and to the rest of the SQL here.
    prepared: u32,
}

impl Database {
    fn open(mut guest: Instance) -> anyhow::Result<Self> {
        let prepared: u32 = guest.call(sqlite3::MALLOC, 8)?;
        let mut database = Self {
            guest,
            pointer: 0,
            prepared,
        };
        let name = database.put(b":memory:\0")?;
        let code: u32 = database.guest.call(sqlite3::OPEN, (name, prepared))?;
        ensure!(code == 0, "the database cannot be opened: code {code}");
        database.free(name)?;
        [database.pointer, _] = database.numbers(prepared)?;
        Ok(database)
    }

    fn close(mut self) -> anyhow::Result<()> {
        let code = self.guest.call(sqlite3::CLOSE, self.pointer)?;
        self.check(code)
    }

    /// The number of rows that the last statement has changed.
    fn changes(&mut self) -> anyhow::Result<u32> {
        self.guest.call(sqlite3::CHANGES, self.pointer)
    }

    /// Runs statements and prints their rows, or the error.
    fn print(&mut self, sql: &str) -> anyhow::Result<()> {
        println!("> {sql}");
        let printed = self.each_row(sql, &[], |database, row| {
            let columns: u32 = database.guest.call(sqlite3::COLUMN_COUNT, row.statement)?;
            if row.is_first {
                let names = (0..columns).map(|column| database.column_name(row, column));
                let names: Vec<_> = names.collect::<anyhow::Result<_>>()?;
                println!("{}", names.join(" | "));
            }
            let values = (0..columns).map(|column| Ok(database.value(row, column)?.to_string()));
            let values: Vec<_> = values.collect::<anyhow::Result<_>>()?;
            println!("{}", values.join(" | "));
            Ok(())
        });
        match printed {
            Err(error) if error.is::<SqlError>() => println!("thrown Error: {error}"),
            printed => printed?,
        }
        Ok(())
    }

    /// Runs statements with these parameters.
    fn run(&mut self, sql: &str, parameters: &[Value]) -> anyhow::Result<()> {
        self.each_row(sql, parameters, |_, _| Ok(()))
    }

    /// Runs statements, and calls a function for each row of each statement.
    fn each_row(
        &mut self,
        sql: &str,
        parameters: &[Value],
        each: impl FnMut(&mut Self, Row) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let text = self.put(format!("{sql}\0").as_bytes())?;
        let result = self.each_statement(text, parameters, each);
        self.free(text)?;
        result
    }

    fn each_statement(
        &mut self,
        text: u32,
        parameters: &[Value],
        mut each: impl FnMut(&mut Self, Row) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut rest = text;
        loop {
            let (statement, tail) = (self.prepared, self.prepared.wrapping_add(4));
            let prepare = (self.pointer, rest, -1, statement, tail);
            let code = self.guest.call(sqlite3::PREPARE, prepare)?;
            self.check(code)?;
            let [statement, tail] = self.numbers(self.prepared)?;
            if statement == 0 {
                return Ok(());
            }
            let result = self.execute(statement, parameters, &mut each);
            self.guest.call::<_, u32>(sqlite3::FINALIZE, statement)?;
            result?;
            rest = tail;
        }
    }

    fn execute(
        &mut self,
        statement: u32,
        parameters: &[Value],
        mut each: impl FnMut(&mut Self, Row) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for (index, parameter) in (1..).zip(parameters) {
            self.bind(statement, index, parameter)?;
        }
        let mut row = Row {
            statement,
            is_first: true,
        };
        loop {
            match self.guest.call::<_, u32>(sqlite3::STEP, statement)? {
                sqlite3::ROW => each(self, row)?,
                sqlite3::DONE => return Ok(()),
                _ => return Err(self.error()?.into()),
            }
            row.is_first = false;
        }
    }

    fn bind(&mut self, statement: u32, index: u32, value: &Value) -> anyhow::Result<()> {
        let (bind, bytes) = match value {
            // SQLite binds NULL if a parameter is not bound.
            Value::Null => return Ok(()),
            Value::Number(number) => {
                let number = (statement, index, *number);
                let code = self.guest.call(sqlite3::BIND_DOUBLE, number)?;
                return self.check(code);
            }
            Value::Text(text) => (sqlite3::BIND_TEXT, text.as_bytes()),
            Value::Blob(bytes) => (sqlite3::BIND_BLOB, &bytes[..]),
        };
        let (pointer, length) = (self.put(bytes)?, u32::try_from(bytes.len())?);
        let bytes = (statement, index, pointer, length, sqlite3::TRANSIENT);
        let code = self.guest.call(bind, bytes)?;
        self.free(pointer)?;
        self.check(code)
    }

    fn column_name(&mut self, row: Row, column: u32) -> anyhow::Result<String> {
        let column = (row.statement, column);
        let name = self.guest.call(sqlite3::COLUMN_NAME, column)?;
        self.text(name)
    }

    fn value(&mut self, row: Row, column: u32) -> anyhow::Result<Value> {
        let guest = &mut self.guest;
        let column = (row.statement, column);
        let (pointer, is_text) = match guest.call::<_, u32>(sqlite3::COLUMN_TYPE, column)? {
            sqlite3::INTEGER | sqlite3::FLOAT => {
                return Ok(Value::Number(guest.call(sqlite3::COLUMN_DOUBLE, column)?));
            }
            sqlite3::TEXT => (guest.call::<_, u32>(sqlite3::COLUMN_TEXT, column)?, true),
            sqlite3::BLOB => (guest.call::<_, u32>(sqlite3::COLUMN_BLOB, column)?, false),
            _ => return Ok(Value::Null),
        };
        let length: u32 = guest.call(sqlite3::COLUMN_BYTES, column)?;
        let bytes = guest.read(pointer, length)?.to_vec();
        Ok(if is_text {
            Value::Text(String::from_utf8(bytes)?)
        } else {
            Value::Blob(bytes)
        })
    }

    /// Puts a host function into the guest's table of functions, and makes it an SQL function. Its
    /// index in the table is a function pointer for the guest.
    fn create_function(
        &mut self,
        name: &str,
        parameters: u32,
        functions: &Imports,
    ) -> anyhow::Result<()> {
        let guest = &mut self.guest;
        let mut linker = Linker::new(guest.engine());
        functions.add_to_linker(&mut linker, |host: &mut HostData| host)?;
        let function = linker.get(guest.store_mut(), "page", name)?.into_func();
        let table = guest.raw().get_table(guest.store_mut(), sqlite3::TABLE);
        let table = table.context("the guest exports its table")?;
        let index = table.grow(guest.store_mut(), 1, Ref::Func(function))?;
        let index = u32::try_from(index)?;

        let name = self.put(format!("{name}\0").as_bytes())?;
        let function = (
            self.pointer,
            name,
            parameters,
            sqlite3::UTF8,
            0,
            index,
            0,
            0,
            0,
        );
        let code = self.guest.call(sqlite3::CREATE_FUNCTION, function)?;
        self.free(name)?;
        self.check(code)
    }

    /// Returns an error if the result code of a call is not 0.
    fn check(&mut self, code: u32) -> anyhow::Result<()> {
        if code == 0 {
            return Ok(());
        }
        Err(self.error()?.into())
    }

    /// The error of the last call that failed.
    fn error(&mut self) -> anyhow::Result<SqlError> {
        let message = self.guest.call(sqlite3::ERROR_MESSAGE, self.pointer)?;
        Ok(SqlError(self.text(message)?))
    }

    /// Writes bytes to memory that the guest allocates.
    fn put(&mut self, bytes: &[u8]) -> anyhow::Result<u32> {
        let pointer: u32 = self
            .guest
            .call(sqlite3::MALLOC, u32::try_from(bytes.len())?)?;
        self.guest.write(pointer, bytes)?;
        Ok(pointer)
    }

    fn free(&mut self, pointer: u32) -> anyhow::Result<()> {
        self.guest.call(sqlite3::FREE, pointer)
    }

    /// Reads two numbers at a pointer.
    fn numbers(&mut self, pointer: u32) -> anyhow::Result<[u32; 2]> {
        let numbers = self.guest.read(pointer, 8_u32)?;
        Ok(bytemuck::pod_read_unaligned(numbers))
    }

    /// Reads the text at a pointer, up to a NUL.
    fn text(&mut self, pointer: u32) -> anyhow::Result<String> {
        let rest = self.guest.memory()?.get(pointer as usize..);
        let text = CStr::from_bytes_until_nul(rest.unwrap_or_default())?;
        Ok(text.to_str()?.to_owned())
    }
}

/// An error of SQLite.
#[derive(Debug)]
struct SqlError(String);

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SqlError {}
