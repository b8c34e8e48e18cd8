using System.Runtime.InteropServices;

namespace DataPrep.Text.Unigram;

/// <summary>A piece and the logarithm of its probability.</summary>
[StructLayout(LayoutKind.Auto)]
readonly record struct UnigramPiece(string Text, double Score);
