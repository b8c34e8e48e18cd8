using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Workflow.Dashboard.Access;

/// <summary>The certificate of an https address, from PEM files; read again when they change, so that a renewed one needs no restart.</summary>
sealed class TlsCertificate(string certificate, string? key, TimeProvider time)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);
    readonly Lock loading = new();
    (DateTime Certificate, DateTime Key) written;
    SslStreamCertificateContext? current;
    long looked;

    /// <summary>Makes an endpoint speak TLS.</summary>
    /// <exception cref="WorkflowException">The files are none.</exception>
    public static void Use(ListenOptions listen, AccessOptions access, TimeProvider time)
    {
        var files = new TlsCertificate(access.Certificate!, access.Key, time);
        files.Current();
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = files.Current(), ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }) });
    }

    SslStreamCertificateContext Current()
    {
        lock (loading)
        {
            if (current is not null && time.GetElapsedTime(looked) < LookEvery)
            {
                return current;
            }

            looked = time.GetTimestamp();
            var now = (File.GetLastWriteTimeUtc(certificate), key is null ? default : File.GetLastWriteTimeUtc(key));
            if (current is null || now != written)
            {
                try
                {
                    (current, written) = (Load(), now);
                }
                catch (WorkflowException) when (current is not null)
                {
                    // A renewal half written: the old one serves on, and the next look takes the new one.
                }
            }

            return current;
        }
    }

    SslStreamCertificateContext Load()
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificate, key), chain, offline: true);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new WorkflowException($"The certificate {certificate}{(key is null ? "" : $" with the key {key}")} cannot be used: {fault.Message} Expected PEM files, the certificate first, then those that vouch for it.", exitCode: 2, inner: fault);
        }
    }
}
