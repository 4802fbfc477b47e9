/** The shells that are served. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/**
 * The scripts. Each asks `ringfence __complete` for the words at the cursor, so that it stays true
 * when Ringfence is upgraded. They use nothing that a plain shell lacks; bash is that of macOS,
 * which is 3.2.
 */
export const shellScripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: String.raw`# bash completion for ringfence. In ~/.bashrc: source <(ringfence completion bash)
_ringfence() {
  local -a typed=()
  local index word glued='' last current out directive value
  # bash takes "--output=json" apart at the "=".
  for ((index = 1; index <= COMP_CWORD; index++)); do
    word=${'$'}{COMP_WORDS[index]}
    last=$((${'$'}{#typed[@]} - 1))
    if [[ $word == '=' && $last -ge 0 ]]; then
      typed[last]+='='
      glued=yes
    elif [[ -n $glued ]]; then
      typed[last]+=$word
      glued=''
    else
      typed+=("$word")
    fi
  done
  last=$((${'$'}{#typed[@]} - 1))
  current=${'$'}{COMP_WORDS[COMP_CWORD]}
  [[ $current == '=' ]] && current=''
  out=$(ringfence __complete -- "${'$'}{typed[@]}" 2>/dev/null) || return 0
  directive=${'$'}{out##*:}
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ $value == :* || $value != "${'$'}{typed[last]}"* ]] && continue
    COMPREPLY+=("${'$'}{value#"${'$'}{typed[last]%"$current"}"}")
  done <<< "$out"
  if [[ $directive == 0 || $directive == 16 ]]; then
    local how=-f
    [[ $directive == 16 ]] && how=-d
    while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "$how" -- "$current")
    compopt -o filenames 2>/dev/null
  fi
  return 0
}
complete -F _ringfence ringfence
`,
  zsh: String.raw`#compdef ringfence
# zsh completion for ringfence. In ~/.zshrc, after compinit: source <(ringfence completion zsh)
_ringfence() {
  local out line directive
  local -a described
  out=$(ringfence __complete -- "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null) || return 1
  directive=${'$'}{out##*:}
  for line in "${'$'}{(@f)out}"; do
    [[ $line == :* ]] && continue
    if [[ $line == *$'\t'* ]]; then
      described+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}")
    else
      described+=("${'$'}{line//:/\\:}")
    fi
  done
  local found=1
  (( ${'$'}{#described} )) && _describe -V ringfence described && found=0
  [[ $directive == 0 ]] && _files && found=0
  [[ $directive == 16 ]] && _files -/ && found=0
  return found
}
# As a file in the fpath it is the function itself.
if [[ ${'$'}{funcstack[1]} == _ringfence ]]; then _ringfence; else compdef _ringfence ringfence; fi
`,
  fish: String.raw`# fish completion for ringfence. Once: ringfence completion fish > ~/.config/fish/completions/ringfence.fish
function __ringfence_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l out (ringfence __complete -- $typed[2..] "$current" 2>/dev/null)
    or return
    test (count $out) -gt 1; and printf '%s\n' $out[1..-2]
    switch $out[-1]
        case :0
            __fish_complete_path "$current"
        case :16
            __fish_complete_directories "$current" ''
    end
end
complete -c ringfence -f -a '(__ringfence_complete)'
`,
};
