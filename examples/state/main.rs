//! Host state: values that host functions use. A host function finds a state by its type.
//!
//! Each instance of the guest is a customer with its own purse. All customers share one market
//! stall.
//!
//! Run it with `cargo run --example state`.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard},
};

use host_runtime::{Instance, Runtime, wasm_import};

/// The price of an apple.
const PRICE: u32 = 2;

/// The coins of one customer. Every instance gets a clone of the purse in the runtime.
#[derive(Clone)]
struct Purse {
    coins: u32,
}

/// In an `impl` block, `self` is the host state of that type. The guest does not pass it.
#[wasm_import(module = "purse")]
impl Purse {
    fn coins(&self) -> u32 {
        self.coins
    }

    fn earn(&mut self, coins: u32) {
        self.coins = self.coins.saturating_add(coins);
    }
}

/// The apples on the stall. All clones share the same apples, also on other threads.
#[derive(Clone)]
struct Stall(Arc<Mutex<u32>>);

impl Stall {
    fn apples(&self) -> MutexGuard<'_, u32> {
        self.0.lock().expect("nobody panics over apples")
    }
}

/// The reason why a customer cannot buy apples.
#[derive(Debug)]
enum Refused {
    TooDear { price: u32, coins: u32 },
    SoldOut { left: u32 },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDear { price, coins } => {
                write!(f, "the price is {price}, and the purse has {coins}")
            }
            Self::SoldOut { left } => write!(f, "the stall has only {left}"),
        }
    }
}

impl Error for Refused {}

/// Sells apples, and returns their price.
///
/// A function can borrow several states, mutably or not. If it returns an `Err`, the guest traps,
/// and the caller of the guest gets the error.
#[wasm_import(module = "market")]
fn buy(#[state] purse: &mut Purse, #[state] stall: &Stall, apples: u32) -> Result<u32, Refused> {
    let mut left = stall.apples();
    let price = apples.saturating_mul(PRICE);
    if apples > *left {
        return Err(Refused::SoldOut { left: *left });
    }
    if price > purse.coins {
        return Err(Refused::TooDear {
            price,
            coins: purse.coins,
        });
    }
    *left -= apples;
    purse.coins -= price;
    Ok(price)
}

fn main() -> anyhow::Result<()> {
    let stall = Stall(Arc::new(Mutex::new(10)));
    let runtime = Runtime::builder()
        .state(Purse { coins: 5 })
        .state(stall.clone())
        .build()?;

    // The module is compiled and linked once. A missing state would be an error here.
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/state/guest.wat");
    let customer = runtime.load_file(guest)?;
    let mut ada = customer.instantiate()?;
    let mut bob = customer.instantiate()?;

    shop("Ada", &mut ada, 2)?;
    shop("Ada", &mut ada, 1)?;

    bob.call::<u32, ()>("work", 5)?;
    shop("Bob", &mut bob, 7)?;
    shop("Bob", &mut bob, 2)?;

    // Between calls, the host can read and change the states.
    if let Ok(purse) = ada.state_mut::<Purse>() {
        purse.coins += 1;
    }
    shop("Ada", &mut ada, 1)?;
    println!("Apples left: {}.", stall.apples());
    if let Ok(purse) = bob.state::<Purse>() {
        println!("Bob goes home with {} coins.", purse.coins);
    }
    Ok(())
}

/// Lets a customer buy apples, and prints the result.
fn shop(name: &str, customer: &mut Instance, apples: u32) -> anyhow::Result<()> {
    match customer.call::<u32, u32>("shop", apples) {
        Ok(left) => println!("{name} buys {apples}. Coins left: {left}."),
        // The error contains the error that `buy` returned.
        Err(error) => match error.downcast_ref::<Refused>() {
            Some(refused) => println!("{name} cannot buy {apples}: {refused}."),
            None => return Err(error),
        },
    }
    Ok(())
}
