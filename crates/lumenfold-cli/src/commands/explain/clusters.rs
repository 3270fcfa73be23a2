//! The clusters, and the table that says which row belongs to which.

use std::num::NonZeroUsize;

use lumenfold::Model;
use lumenfold::clusters::{ClusterOptions, ClusterSummary, Clustering, Membership, summaries};
use lumenfold::coded::CodedRows;
use lumenfold::data::{Column, IntegerColumn, Table, Target, Values};

use crate::coded::Open;
use crate::failure::Failure;
use crate::outlet::write_blocks;
use crate::passage::beside;
use crate::printer::Printer;

/// Clusters of the rows that were kept.
pub(super) struct Clusters {
    pub(super) clustering: Clustering,
    pub(super) summaries: Vec<ClusterSummary>,
    /// The sample that the medoid of each cluster decodes to.
    pub(super) typical: Vec<Vec<f64>>,
    threads: NonZeroUsize,
}

impl Clusters {
    pub(super) fn find(
        model: &Model,
        coded: &CodedRows,
        least: Option<usize>,
        threads: NonZeroUsize,
    ) -> Result<Self, Failure> {
        let min_cluster_size = least.unwrap_or_else(|| ClusterOptions::default_size(coded.numbers.len()));
        let clustering = Clustering::of(&coded.codes, coded.latent, &ClusterOptions { min_cluster_size, threads })?;
        let summaries = summaries(&clustering, &coded.columns, threads);
        let latent = coded.latent;
        let medoids = summaries.iter().flat_map(|summary| &coded.codes[summary.medoid * latent..][..latent]);
        let medoids: Vec<f32> = medoids.copied().collect();
        let samples = model.autoencoder.decode(&medoids, threads)?;
        let typical = samples.chunks(model.autoencoder.features().len()).map(<[f64]>::to_vec).collect();
        Ok(Self { clustering, summaries, typical, threads })
    }

    /// Writes a row for each row of the tables, in their order: the cluster from 1 on, nothing for noise, and the probability of
    /// the membership. `numbers` are the rows that were clustered; the others are assigned.
    pub(super) fn write_labels(
        &self,
        open: &mut Open<'_>,
        numbers: &[u64],
        target: &Target,
        keep: &[String],
        printer: &Printer,
    ) -> Result<(), Failure> {
        open.reader.rewind();
        let (passage, reader) = open.split()?;
        write_blocks(target, printer, |give| {
            passage.run(reader, |block, codes| {
                let memberships = self.of_block(&block, &codes, numbers);
                give(beside(&block, columns(&memberships), keep, &[])?)
            })
        })?;
        Ok(())
    }

    /// What the rows of a block belong to; nothing where a row has no code.
    fn of_block(&self, block: &Table, codes: &[Column], numbers: &[u64]) -> Vec<Option<Membership>> {
        let (first, rows) = (block.position(), block.rows());
        let code = |row: usize| codes.iter().map(move |column| column.value(row).unwrap_or(f64::NAN) as f32);
        let mut memberships = vec![None; rows];
        let from = numbers.partition_point(|number| *number < first);
        for (at, number) in
            numbers.iter().enumerate().skip(from).take_while(|(_, number)| **number < first + rows as u64)
        {
            memberships[(number - first) as usize] = Some(self.clustering.memberships()[at]);
        }
        let others: Vec<usize> =
            (0..rows).filter(|row| memberships[*row].is_none() && code(*row).all(f32::is_finite)).collect();
        let codes: Vec<f32> = others.iter().flat_map(|row| code(*row)).collect();
        for (row, membership) in others.into_iter().zip(self.clustering.assign_all(&codes, self.threads)) {
            memberships[row] = Some(membership);
        }
        memberships
    }
}

fn columns(memberships: &[Option<Membership>]) -> Vec<Column> {
    let cluster = |own: &Option<Membership>| own.and_then(|own| own.cluster).map(|cluster| cluster as i64 + 1);
    let clusters: IntegerColumn = memberships.iter().map(cluster).collect();
    let probability = |own: &Option<Membership>| own.map_or(f32::NAN, |own| own.probability as f32);
    vec![
        Column::new("cluster", Values::Integer(clusters)),
        Column::new("membership", Values::Float32(memberships.iter().map(probability).collect())),
    ]
}
