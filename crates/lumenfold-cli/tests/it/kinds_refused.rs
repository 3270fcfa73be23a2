//! Options that do not go with a kind of autoencoder, and values that do not go with a likelihood.

use crate::support::{Cells, Space, fit_arguments};

const SPARSE: [&str; 4] = ["--kind", "sparse", "--sparsity", "topk:1"];
const SPARSE_ONLY: &str = "left out unless --kind is sparse";
const VARIATIONAL_ONLY: &str = "left out unless --kind is variational";
const DENOISING_ONLY: &str = "left out unless --kind is denoising";
const REVIVED_ONLY: &str = "left out unless --sparsity is topk or batch-topk";

#[track_caller]
fn refused(cases: &[(&str, &[&str])]) {
    let space = Space::with_stars();
    for (options, words) in cases {
        let mut more = vec!["--columns", "u,g,r,i,z"];
        more.extend(options.split_whitespace());
        space.refuses(&fit_arguments("stars.csv", "a.model", &more), words);
    }
}

#[test]
fn options_of_another_kind() {
    refused(&[
        ("--sparsity topk:1", &["--sparsity is topk:1", SPARSE_ONLY]),
        ("--kind denoising --noise gaussian:0.1 --sparsity l1:1", &["--sparsity is l1:1", SPARSE_ONLY]),
        ("--kind variational --sparsity jumprelu:0.1", &["--sparsity is jumprelu:0.1", SPARSE_ONLY]),
        ("--kind sparse", &["--kind is sparse", "given with --sparsity", "topk:16"]),
        ("--revival 0.1", &["--revival is 0.1", REVIVED_ONLY]),
        ("--kind variational --revival 0.1", &["--revival is 0.1", REVIVED_ONLY]),
        ("--likelihood gaussian", &["--likelihood is gaussian", VARIATIONAL_ONLY]),
        ("--beta 1", &["--beta is 1", VARIATIONAL_ONLY]),
        ("--beta-warm-up 0.1", &["--beta-warm-up is 0.1", VARIATIONAL_ONLY]),
        ("--free-nats 0.1", &["--free-nats is 0.1", VARIATIONAL_ONLY]),
        ("--binarize", &["--binarize", VARIATIONAL_ONLY]),
        ("--kind denoising --noise gaussian:0.1 --beta 2", &["--beta is 2", VARIATIONAL_ONLY]),
        ("--kind denoising --blind-spots 0.1 --likelihood poisson", &["--likelihood is poisson", VARIATIONAL_ONLY]),
        ("--kind variational --noise gaussian:0.1", &["--noise is gaussian:0.1", DENOISING_ONLY]),
        ("--kind variational --blind-spots 0.1", &["--blind-spots is 0.1", DENOISING_ONLY]),
        ("--kind variational --ordered", &["--ordered", "--kind variational"]),
    ]);
    for (options, words) in [
        ("--noise masking:0.1", ["--noise is masking:0.1", DENOISING_ONLY]),
        ("--blind-spots 0.1", ["--blind-spots is 0.1", DENOISING_ONLY]),
        ("--ordered", ["--ordered", "--kind sparse"]),
        ("--likelihood poisson", ["--likelihood is poisson", VARIATIONAL_ONLY]),
        ("--beta 2", ["--beta is 2", VARIATIONAL_ONLY]),
        ("--beta-warm-up 0.5", ["--beta-warm-up is 0.5", VARIATIONAL_ONLY]),
        ("--free-nats 1", ["--free-nats is 1", VARIATIONAL_ONLY]),
        ("--binarize", ["--binarize", VARIATIONAL_ONLY]),
    ] {
        refused(&[(&format!("{} {options}", SPARSE.join(" ")), &words)]);
    }
}

#[test]
fn rules_of_sparse_codes() {
    for (rule, words) in [
        ("topk:3", &["--sparsity is topk:3", "at most the latent dimension (2)"][..]),
        ("batch-topk:2.5", &["--sparsity is batch-topk:2.5", "at most the latent dimension (2)"]),
        ("topk:0", &["--sparsity", "topk:0", "from 1"]),
        ("topk:1.5", &["--sparsity", "\"1.5\" is no whole number"]),
        ("topk", &["--sparsity", "\"topk\" has no number", "topk:16"]),
        ("batch-topk:0", &["--sparsity", "batch-topk:0", "above 0"]),
        ("l1", &["--sparsity", "\"l1\" has no number"]),
        ("l1:0", &["--sparsity", "l1:0", "from 1e-9 to 1e9"]),
        ("l1:-1", &["--sparsity", "l1:-1", "from 1e-9 to 1e9"]),
        ("kl:1", &["--sparsity", "kl:1", "from 0.0001 to 0.9"]),
        ("kl:0.1:0", &["--sparsity", "kl:0.1:0", "from 1e-9 to 1e9"]),
        ("kl:0.1:1:2", &["--sparsity", "too many numbers"]),
        ("jumprelu:0.1:0", &["--sparsity", "jumprelu:0.1:0", "bandwidth from 0.0001 to 10"]),
        ("jumprelu:x", &["--sparsity", "\"x\" is no number"]),
        ("ridge:1", &["--sparsity", "unknown sparsity \"ridge\"", "jumprelu"]),
        ("l1:0.1 --revival 0.1", &["--revival is 0.1", REVIVED_ONLY]),
        ("kl:0.1 --revival 0", &["--revival is 0,", REVIVED_ONLY]),
        ("jumprelu:0.1 --revival 1", &["--revival is 1,", REVIVED_ONLY]),
        ("topk:1 --revival -1", &["--revival is -1", "from 0 (for none) to 1e6"]),
        ("topk:1 --revival nan", &["--revival is NaN", "from 0"]),
        ("topk:1 --activation exp", &["--activation", "exp makes rates"]),
    ] {
        refused(&[(&format!("--kind sparse --sparsity {rule}"), words)]);
    }
}

#[test]
fn likelihoods_and_divergences() {
    for (options, words) in [
        ("--likelihood gaussian:0", &["--likelihood", "\"0\" is no deviation"][..]),
        ("--likelihood normal", &["--likelihood", "unknown likelihood \"normal\"", "bernoulli"]),
        ("--likelihood poisson:3", &["--likelihood", "poisson:3"]),
        ("--beta -1", &["--beta is -1", "from 0 to 1e6"]),
        ("--beta nan", &["--beta is NaN"]),
        ("--beta 1e9", &["--beta is 1000000000", "from 0 to 1e6"]),
        ("--beta-warm-up 2", &["--beta-warm-up is 2", "from 0 to 1"]),
        ("--free-nats -1", &["--free-nats is -1", "from 0 to 1000"]),
        ("--binarize", &["--binarize", "unless --likelihood is bernoulli"]),
        ("--likelihood poisson --scale none --binarize", &["--binarize", "unless --likelihood is bernoulli"]),
        ("--loss huber:1", &["--loss is huber:1", "the likelihood says what errors cost"]),
        ("--loss-units original", &["--loss-units is original", "a likelihood has its own units"]),
        ("--feature-weights 1,1,1,1,1", &["--feature-weights", "counts every feature once"]),
        ("--likelihood bernoulli", &["--scale is standard", "factor:NUMBER with --likelihood bernoulli"]),
        ("--likelihood poisson", &["--scale is standard", "factor:NUMBER with --likelihood poisson"]),
        ("--likelihood poisson --scale asinh", &["--scale is asinh", "zero must stay zero"]),
        ("--likelihood bernoulli --scale robust", &["--scale is robust", "zero must stay zero"]),
        ("--likelihood poisson --scale none --jitter 0.1", &["--jitter is 0.1", "--likelihood poisson"]),
        ("--likelihood bernoulli --scale none --jitter 0.1", &["--jitter is 0.1", "--likelihood bernoulli"]),
        ("--loss huber", &["--loss", "huber:DISTANCE"]),
        ("--loss huber:0", &["--loss", "\"0\" is no distance"]),
        ("--loss absolute", &["--loss", "unknown loss \"absolute\""]),
    ] {
        refused(&[(&format!("--kind variational {options}"), words)]);
    }
}

#[test]
fn values_outside_a_likelihood_are_named_with_row_and_column() {
    let space = Space::new();
    let fit = |likelihood: &str, scale: &str, words: &[&str]| {
        let options = ["--kind", "variational", "--likelihood", likelihood, "--scale", scale];
        space.refuses(&fit_arguments("a.csv", "a.model", &options), words);
    };
    let table = |cells: Cells| space.write("a.csv", cells.text());
    table(crate::made_tables::chances(50).with(6, "p3", "1.5"));
    fit("bernoulli", "none", &["a.csv", "row 7", "\"p3\"", "1.5", "from 0 to 1", "--scale factor:"]);
    fit("bernoulli", "factor:0.5", &["a.csv", "row 1", "from 0 to 1"]);
    table(crate::made_tables::chances(50).with(6, "p3", "-0.5"));
    fit("bernoulli", "none", &["a.csv", "row 7", "\"p3\"", "-0.5"]);
    table(crate::made_tables::counts(50).with(11, "n2", "-3"));
    fit("poisson", "factor:1", &["a.csv", "row 12", "\"n2\"", "-3", "not negative"]);
}

#[test]
fn configurations_say_the_same() {
    let space = Space::with_stars();
    for (text, words) in [
        ("sparsity = \"topk:1\"\n", &["--sparsity", SPARSE_ONLY][..]),
        ("kind = \"sparse\"\nsparsity = \"topk:9\"\nlatent = 3\n", &["--sparsity", "latent dimension (3)"]),
        ("kind = \"sparse\"\nsparsity = 3\n", &["fit.toml: line 2", "3"]),
        ("kind = \"variational\"\nlikelihood = \"log\"\n", &["--likelihood", "\"log\""]),
        ("kind = \"variational\"\nbeta = \"big\"\n", &["fit.toml: line 2", "\"big\""]),
        ("kind = \"variational\"\nbeta_warm_up = 0.1\n", &["fit.toml: line 2", "beta_warm_up", "beta-warm-up"]),
        ("kind = \"variational\"\nbinarize = 1\n", &["fit.toml: line 2"]),
        ("binarize = true\n", &["--binarize", VARIATIONAL_ONLY]),
        ("loss = \"huber\"\n", &["--loss", "huber:DISTANCE"]),
        ("kind = \"variational\"\nfree-nats = -1\n", &["--free-nats is -1"]),
    ] {
        space.write("fit.toml", text);
        space.refuses(&["fit", "stars.csv", "-o", "a.model", "--columns", "u,g", "--config", "fit.toml"], words);
    }
}
