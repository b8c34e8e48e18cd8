using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Workflow.Artifacts;

namespace Workflow.Dashboard.Access;

/// <summary>The cookie of a session: signed and sealed with keys that lie in the home, so that a restart keeps people signed in.</summary>
static class SessionCookie
{
    /// <summary>Name of the scheme.</summary>
    public const string Scheme = "session";

    /// <summary>The claim that ends with the password.</summary>
    public const string Stamp = "stamp";

    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Name of a cookie: browsers send the cookies of one host to all its ports, where another home may be served.</summary>
    public static string Name(string what, HomePaths paths) => $"workflow-{what}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(paths.Root)))[..8]}";

    /// <summary>Path of cookies.</summary>
    public static string Under(AccessOptions options) => options.PathBase.Length > 0 ? options.PathBase : "/";

    /// <summary>Adds the keys and the scheme.</summary>
    /// <param name="services">The server's.</param>
    /// <param name="options">How long a session lasts.</param>
    /// <param name="paths">The home that keeps the keys.</param>
    /// <param name="time">Clock of the sessions' end.</param>
    /// <param name="open">Nobody signs in: keys need not outlive this process.</param>
    public static void Add(IServiceCollection services, AccessOptions options, HomePaths paths, TimeProvider time, bool open)
    {
        var protection = services.AddDataProtection().SetApplicationName("workflow");
        if (open)
        {
            protection.UseEphemeralDataProtectionProvider();
        }
        else
        {
            protection.PersistKeysToFileSystem(KeyFolder(paths));
        }

        // The gate asks for the session, after it is known who is at the other end and under which path: nothing does so before it.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        services.AddAuthentication().AddCookie(Scheme, o =>
        {
            o.Cookie.Name = Name("session", paths);
            o.Cookie.Path = Under(options);
            o.Cookie.HttpOnly = true;
            o.Cookie.SameSite = SameSiteMode.Lax;
            o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            o.ExpireTimeSpan = options.SessionLength;
            o.SlidingExpiration = true;
            o.TimeProvider = time;

            // A page left open asks by itself for ever: that is nobody's being there.
            o.Events.OnCheckSlidingExpiration = check =>
            {
                check.ShouldRenew &= !AccessGate.IsStream(check.HttpContext);
                return Task.CompletedTask;
            };
        });
    }

    /// <summary>Begins a session.</summary>
    public static Task BeginAsync(HttpContext http, Account account) =>
        http.SignInAsync(Scheme, WhoAsks.Principal(account.Id, account.Name, account.Stamp), new AuthenticationProperties { IsPersistent = true });

    static DirectoryInfo KeyFolder(HomePaths paths)
    {
        var folder = Path.Combine(paths.Root, "keys");
        if (OperatingSystem.IsWindows())
        {
            return Directory.CreateDirectory(folder);
        }

        var made = Directory.CreateDirectory(folder, OwnerOnly);
        made.UnixFileMode = OwnerOnly;
        return made;
    }
}
