//! A configuration file says what options say.

use crate::support::Space;

const CONFIGURATION: &str = r#"
columns = ["u", "g", "r", "i", "z"]
scale = "robust"
validation = 0.25
latent = 3
hidden = [9, 7]
activation = "tanh"
norm = "none"
epochs = 4
batch = 40
learning-rate = 0.003
schedule = "step"
loss-units = "original"
weight-decay = 0.01
clip-norm = 1.5
patience = 3
seed = 18
allow-constant = true
"#;

const OPTIONS: &str = "--columns u,g,r,i,z --scale robust --validation 0.25 --latent 3 --hidden 9,7 --activation tanh \
    --norm none --epochs 4 --batch 40 --learning-rate 0.003 --schedule step --loss-units original --weight-decay 0.01 \
    --clip-norm 1.5 --patience 3 --seed 18 --allow-constant";

#[test]
fn a_file_equals_the_same_options_byte_for_byte() {
    let space = Space::with_stars();
    space.write("fit.toml", CONFIGURATION);
    space.done(&["fit", "stars.csv", "-o", "file.model", "--config", "fit.toml"]);
    let mut arguments = vec!["fit", "stars.csv", "-o", "options.model"];
    arguments.extend(OPTIONS.split_whitespace());
    space.done(&arguments);
    assert_eq!(space.read("file.model"), space.read("options.model"));
}

#[test]
fn the_command_line_overrides_the_file() {
    let space = Space::with_stars();
    space.write("fit.toml", CONFIGURATION);
    let options = OPTIONS.replace("--seed 18", "--seed 19").replace("--hidden 9,7", "--hidden none");
    let mut arguments = vec!["fit", "stars.csv", "-o", "options.model"];
    arguments.extend(options.split_whitespace());
    space.done(&arguments);
    let changed = ["--seed", "19", "--hidden", "none"];
    space.done(&[&["fit", "stars.csv", "-o", "file.model", "--config", "fit.toml"][..], &changed].concat());
    assert_eq!(space.read("file.model"), space.read("options.model"));
    // Even a switch can be turned off again.
    let mut cells = crate::made_tables::stars(200);
    cells = cells.with_column("z", |_| "18".to_owned());
    space.write("flat.csv", cells.text());
    space.done(&["fit", "flat.csv", "-o", "flat.model", "--config", "fit.toml"]);
    let refused = ["fit", "flat.csv", "-o", "flat.model", "--config", "fit.toml", "--allow-constant", "false"];
    space.refuses(&refused, &["flat.csv", "column \"z\""]);
}

#[test]
fn no_hidden_layers_can_be_said_in_both_ways() {
    let space = Space::with_stars();
    space.write("fit.toml", "columns = [\"u\", \"g\", \"r\"]\nhidden = []\nepochs = 2\n");
    space.done(&["fit", "stars.csv", "-o", "file.model", "--config", "fit.toml"]);
    space.done(&["fit", "stars.csv", "-o", "options.model", "--columns", "u,g,r", "--hidden", "none", "--epochs", "2"]);
    assert_eq!(space.read("file.model"), space.read("options.model"));
}
