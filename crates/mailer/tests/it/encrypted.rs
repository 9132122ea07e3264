use std::{io, net::SocketAddr, sync::Arc};

use mailer::{Mailer, SendError, SmtpConfig, TransportConfig, test_server::SmtpServer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

use crate::support::{message, now, over};

/// Valid until 2126, for `localhost` alone; the authority's own key was thrown away.
const AUTHORITY: &[u8] = include_bytes!("certificates/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("certificates/server.pem");
const KEY: &[u8] = include_bytes!("certificates/server.key");

/// Puts TLS before a plain server: from the first byte, or after STARTTLS.
async fn encrypt(backend: SocketAddr, is_starttls: bool) -> u16 {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(forward(stream, acceptor.clone(), backend, is_starttls));
        }
    });
    port
}

async fn forward(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    backend: SocketAddr,
    is_starttls: bool,
) -> io::Result<()> {
    let mut plain = TcpStream::connect(backend).await?;
    if is_starttls {
        stream.write_all(b"220 front\r\n").await?;
        expect(&mut stream, "EHLO").await?;
        stream.write_all(b"250-front\r\n250 STARTTLS\r\n").await?;
        expect(&mut stream, "STARTTLS").await?;
        stream.write_all(b"220 go on\r\n").await?;
        expect(&mut plain, "220").await?;
    }
    let mut encrypted = acceptor.accept(stream).await?;
    copy_bidirectional(&mut encrypted, &mut plain).await.map(drop)
}

/// Either side waits for the other, so that one read is one line.
async fn expect(stream: &mut TcpStream, start: &str) -> io::Result<()> {
    let mut buffer = [0; 1000];
    let length = stream.read(&mut buffer).await?;
    if buffer[..length].starts_with(start.as_bytes()) {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

fn mailer(url: &str, authority: Option<&[u8]>) -> Mailer {
    let extra_root_pem = authority.map(<[u8]>::to_vec);
    over(TransportConfig::Smtp(SmtpConfig { extra_root_pem, ..SmtpConfig::from_url(url).unwrap() }))
}

#[tokio::test]
async fn messages_and_passwords_travel_encrypted() {
    let server = SmtpServer::start().await.unwrap();
    for (scheme, is_starttls) in [("smtp", true), ("smtps", false)] {
        let port = encrypt(server.address(), is_starttls).await;
        let mailer = mailer(&format!("{scheme}://me:password@localhost:{port}"), Some(AUTHORITY));
        for key in ["1", "2"] {
            mailer.send(&message(&mailer, key), now()).await.unwrap();
        }
    }
    assert_eq!((server.journal().len(), server.connections()), (4, 2));
}

#[tokio::test]
async fn servers_that_are_not_who_they_should_be_get_nothing() {
    let server = SmtpServer::start().await.unwrap();
    for (scheme, is_starttls) in [("smtp", true), ("smtps", false)] {
        let port = encrypt(server.address(), is_starttls).await;
        for (host, authority) in [("localhost", None), ("127.0.0.1", Some(AUTHORITY))] {
            let mailer = mailer(&format!("{scheme}://me:password@{host}:{port}"), authority);
            let error = mailer.send(&message(&mailer, "key"), now()).await.unwrap_err();
            assert!(
                matches!(&error, SendError::Transient { code: None, text } if text.contains("certificate")),
                "{error:?}"
            );
        }
    }
    assert_eq!(server.journal(), []);
}
