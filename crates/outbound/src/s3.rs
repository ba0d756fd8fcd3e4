//! Files in a bucket of S3 or of anything that speaks its language. Only with the feature `s3`.

use object_store::aws::AmazonS3Builder;
use object_store::prefix::PrefixStore;
use service::ports::FileFault;

use crate::store::ObjectFiles;

/// Where the bucket is, and how to get in.
pub struct Bucket<'s> {
    /// `s3://bucket` or `s3://bucket/folder`.
    pub url: &'s str,
    /// The region; `auto` where the service has none.
    pub region: &'s str,
    /// Address of a service that is not Amazon's; empty for Amazon.
    pub endpoint: &'s str,
    /// Name of the key; empty where the machine's own role is used.
    pub access_key_id: &'s str,
    /// The key's secret.
    pub secret_access_key: &'s str,
}

impl ObjectFiles {
    /// Files in a bucket.
    pub fn in_bucket(bucket: &Bucket<'_>) -> Result<ObjectFiles, FileFault> {
        let folder = bucket.url.trim_start_matches("s3://").split_once('/');
        let mut builder = AmazonS3Builder::new()
            .with_url(bucket.url)
            .with_region(bucket.region);
        if !bucket.endpoint.is_empty() {
            builder = builder
                .with_endpoint(bucket.endpoint)
                .with_allow_http(bucket.endpoint.starts_with("http://"));
        }
        if !bucket.access_key_id.is_empty() {
            builder = builder
                .with_access_key_id(bucket.access_key_id)
                .with_secret_access_key(bucket.secret_access_key);
        }
        // The error of the builder names a setting, never its value.
        let objects = builder
            .build()
            .map_err(|error| FileFault(error.to_string()))?;
        Ok(match folder {
            Some((_, folder)) if !folder.is_empty() => {
                ObjectFiles::over(PrefixStore::new(objects, folder))
            }
            _ => ObjectFiles::over(objects),
        })
    }
}
