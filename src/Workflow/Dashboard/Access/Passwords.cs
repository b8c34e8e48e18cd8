using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Workflow.Dashboard.Access;

/// <summary>Hashes of passwords, by ASP.NET Core Identity: PBKDF2 with HMAC-SHA512 and a salt each.</summary>
static class Passwords
{
    /// <summary>Fewest characters of a password.</summary>
    public const int Shortest = 12;

    /// <summary>Most characters of a password: more would only keep the processor busy.</summary>
    public const int Longest = 256;

    // As OWASP's cheat sheet on password storage asks for PBKDF2 with HMAC-SHA512.
    static readonly PasswordHasher<string> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 }));
    static readonly Lazy<string> Nobody = new(() => Hasher.HashPassword("", Guid.NewGuid().ToString()));

    /// <summary>Hashes a password.</summary>
    /// <exception cref="WorkflowException">It is too short or too long.</exception>
    public static string Hash(string password)
    {
        if (password.Length is < Shortest or > Longest)
        {
            throw new WorkflowException($"The password has {password.Length} characters; expected {Shortest} to {Longest}. A few words in a row are easy to keep and hard to guess.", exitCode: 2);
        }

        return Hasher.HashPassword("", password);
    }

    /// <summary>Whether a password is the one that was hashed. Without a hash, for a name that nobody has, it takes as long and is false.</summary>
    public static bool Fits(string? hash, string password)
    {
        var verdict = Hasher.VerifyHashedPassword("", hash ?? Nobody.Value, password.Length > Longest ? "" : password);
        return hash is not null && password.Length <= Longest && verdict != PasswordVerificationResult.Failed;
    }
}
